import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { type DemoCluster, startDemoApiServer } from "../../src/cli/demo/demoCluster.ts";
import { systemClock } from "../../src/cluster/environment.ts";
import { CONTROLLER_REVISIONS, NAMESPACES, SIDECAR_SETS } from "../../src/cluster/resource.ts";
import type { ControllerRevision, KubeObject } from "../../src/core/kube/object.ts";
import { runProgram } from "./runProgram.ts";

const HELM = ["-f", "examples/helm-rendered.yaml", "-f", "examples/log-agent.yaml", "-n", "shop"];
const DOCUMENT = "docs/reference/inject-report.md";

describe("sidecarset inject on what helm template prints", () => {
  const transcripts = [...readFileSync(DOCUMENT, "utf8").matchAll(/^\$ sidecarset (.*)\n([\s\S]*?)(?=^\$ |^```)/gm)];

  it.each(transcripts.map(([, command = "", output = ""]) => [command, output]))(
    "prints what the reference shows: %s",
    async (command, output) => {
      const { stdout } = await runProgram(command.split(" "));
      expect(stdout).toBe(output);
    },
  );

  it("shows something in the reference", () => {
    expect(transcripts.length).toBeGreaterThan(0);
  });

  it("can be applied as it comes out: all objects in order, the comments that name their templates, no SidecarSet", async () => {
    const { stdout, stderr, code } = await runProgram(["inject", ...HELM]);
    const documents = parseAllDocuments(stdout).map((document) => document.toJS());
    expect(documents.map(({ kind }) => kind)).toEqual(["Service", "Deployment", "CronJob"]);
    expect(stdout).toContain("---\n# Source: shop/templates/deployment.yaml\napiVersion: apps/v1\n");
    expect(stdout.startsWith("# Source: shop/templates/service.yaml\napiVersion: v1\n")).toBe(true);
    expect(stdout).toContain('image: "shop/report:2.4.1"');
    expect(documents[1].spec.template.spec.containers).toHaveLength(2);
    expect(documents[1].spec.template.metadata).not.toHaveProperty("namespace");
    expect(stderr).toContain("Deployment shop/web\n  log-agent: injected fluent-bit\n");
    expect(code).toBe(0);
  });

  it("injecting what came out changes nothing more", async () => {
    const once = await runProgram(["inject", ...HELM]);
    const again = await runProgram(["inject", "-f", "-", "-f", "examples/log-agent.yaml", "-n", "shop"], {
      input: once.stdout,
    });
    expect(again.stdout).toBe(once.stdout);
    const explained = await runProgram(
      ["inject", "-f", "-", "-f", "examples/log-agent.yaml", "-n", "shop", "--explain"],
      { input: once.stdout },
    );
    expect(explained.stdout).toContain("log-agent: injected fluent-bit before");
    expect(explained.stdout).not.toMatch(/^[+~]/m);
  });

  it("names what changes, as kubectl does", async () => {
    expect((await runProgram(["inject", ...HELM, "-o", "name"])).stdout).toBe("deployment.apps/web\n");
  });

  it("explains beside the objects on standard error, and in a report for programs", async () => {
    const beside = await runProgram(["inject", ...HELM, "--explain", "-o", "diff"]);
    expect(beside.stdout).toMatch(/^--- Deployment\/web/m);
    expect(beside.stderr).toContain("transferEnv[0] from container web");
    const { stdout, code } = await runProgram(["inject", ...HELM, "--explain", "-o", "json"]);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ apiVersion: "cli.sidecarset/v1", kind: "InjectReport", clean: true, missing: [] });
    expect(report.objects).toMatchObject([
      {
        source: "examples/helm-rendered.yaml",
        line: 19,
        column: 1,
        kind: "Deployment",
        namespace: "shop",
        name: "web",
        podField: "spec.template",
        result: "injected",
        containers: { before: 1, after: 2 },
        outcomes: [{ sidecarSet: "log-agent", result: "injected", revision: { name: "", latest: true } }],
        requests: { cpu: "+50m", memory: "+64Mi" },
      },
      { kind: "CronJob", result: "unchanged", added: [], outcomes: [{ result: "skipped", code: "I01" }] },
    ]);
    expect(report.objects[0].added).toContainEqual({
      change: "added",
      kind: "env",
      path: "spec.template.spec.containers[0].env[2]",
      name: "TZ",
      value: "",
      sidecarSet: "log-agent",
      field: "spec.containers[0].transferEnv[0]",
      because: "from container web",
    });
    expect(report.passed).toMatchObject([{ kind: "Service", name: "web", line: 3 }]);
    expect(code).toBe(0);
  });
});

describe("sidecarset inject --expect", () => {
  it("ends well when every pod gets what is expected", async () => {
    const { code } = await runProgram([
      "inject",
      "-f",
      "examples/pod.yaml",
      "-f",
      "examples/launch-article/sidecarset.yaml",
      "--expect",
      "test-sidecarset",
    ]);
    expect(code).toBe(0);
  });

  it("tells which object lacks which SidecarSet and why, and prints no object", async () => {
    const { stdout, stderr, code } = await runProgram(["inject", ...HELM, "--expect", "log-agent,mesh"]);
    expect(stdout).toBe("");
    expect(stderr).toContain("expected log-agent in CronJob shop/report: not injected (I01): spec.selector wants");
    expect(stderr).toContain("expected mesh in Deployment shop/web: not injected: there is no SidecarSet of this name");
    expect(stderr).toContain("error: --expect: not injected everywhere: log-agent, mesh");
    expect(code).toBe(3);
  });

  it("is part of the report for programs", async () => {
    const { stdout, code } = await runProgram(["inject", ...HELM, "--expect", "log-agent", "--explain", "-o", "json"]);
    const report = JSON.parse(stdout);
    expect(report.clean).toBe(false);
    expect(report.missing).toMatchObject([{ sidecarSet: "log-agent", object: "CronJob shop/report", code: "I01" }]);
    expect(code).toBe(3);
  });
});

describe("what sidecarset inject reads", () => {
  it("Lists of all kinds, and empty documents; what has no pods comes out as it came in", async () => {
    const labelled = { metadata: { labels: { logging: "enabled" } }, ...pod() };
    const items = [
      { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", metadata: { name: "r" }, spec: { workloadRef: {} } },
      { apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", metadata: { name: "e" }, spec: { template: {} } },
      { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", metadata: { name: "r" }, spec: { template: labelled } },
      { apiVersion: "v1", kind: "PodList", items: [aPod("shop")] },
    ];
    const input = `# nothing\n---\n---\n${JSON.stringify({ apiVersion: "v1", kind: "List", items })}\n---\n# the end\n`;
    const { stdout } = await runProgram(
      ["inject", "-f", "-", "-f", "examples/log-agent.yaml", "-n", "shop", "-o", "json"],
      {
        input,
      },
    );
    const printed = JSON.parse(stdout).items;
    expect(printed.slice(0, 2)).toEqual(items.slice(0, 2));
    expect(printed[2].spec.template.spec.containers).toHaveLength(2);
    expect(printed[3]).toMatchObject({ apiVersion: "v1", kind: "Pod" });
    expect(printed[3].spec.containers).toHaveLength(2);
  });

  it("the labels of Namespaces among the files, and excluded namespaces", async () => {
    const labelled = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels: { team: "a" } } };
    const set = sidecarSet("by-team", { namespaceSelector: { matchLabels: { team: "a" } } });
    const input = [labelled, set, aPod("shop"), aPod("kube-system")]
      .map((each) => JSON.stringify(each))
      .join("\n---\n");
    const { stdout, stderr } = await runProgram(["inject", "-f", "-", "-o", "name"], { input });
    expect(stdout).toBe("pod/p\n");
    expect(stderr).toContain("Pod kube-system/p\n  by-team: not injected (I05): ");
    const allowed = await runProgram(["inject", "-f", "-", "--excluded-namespaces", "shop"], { input });
    expect(allowed.stderr).toContain("Pod shop/p\n  by-team: not injected (I05): ");
    expect(allowed.stderr).toContain("Pod kube-system/p\n  by-team: not injected (I02): ");
  });

  it("SidecarSets with a misspelled field, telling which was meant and where", async () => {
    const input =
      "apiVersion: apps.kruise.io/v1beta1\nkind: SidecarSet\nmetadata: { name: log }\nspec:\n  selector: { matchLabels: { app: web-server } }\n" +
      "  containers:\n  - { name: log, image: log:1, imagePullPolcy: Always }\n";
    const { stderr, code } = await runProgram(["inject", "-f", "-", "-f", "examples/pod.yaml"], { input });
    expect(stderr).toContain(
      "warning: standard input:7:32: spec.containers[0].imagePullPolcy: not a field of a container",
    );
    expect(stderr).toContain("did you mean imagePullPolicy?");
    expect(code).toBe(0);
  });

  it("a chart without workloads as it is, so that a pipeline goes on", async () => {
    const input = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: 'b'} # kept\n";
    const { stdout, stderr, code } = await runProgram(["inject", "-f", "-", "-f", "examples/log-agent.yaml"], {
      input,
    });
    expect(stdout).toBe(input);
    expect(stderr).toBe("note: no pod or workload among the files: all objects stay as they are\n");
    expect(code).toBe(0);
  });
});

describe("a pod that would be refused", () => {
  const set = sidecarSet("log", { containers: [{ name: "a", image: "log:1" }] });

  it("ends with 3, naming every one, and nothing is printed", async () => {
    const input = [set, aPod("shop"), aPod("pay")].map((each) => JSON.stringify(each)).join("\n---\n");
    const { stdout, stderr, code } = await runProgram(["inject", "-f", "-"], { input });
    expect(stdout).toBe("");
    expect(stderr).toContain("error: Pod shop/p would be refused: SidecarSet log cannot be injected (I11): ");
    expect(stderr).toContain("\nPod pay/p would be refused: SidecarSet log cannot be injected (I11): ");
    expect(code).toBe(3);
  });

  it("passes without the sidecar, with a warning, where the failure policy says so", async () => {
    const input = [set, aPod("shop")].map((each) => JSON.stringify(each)).join("\n---\n");
    const args = ["inject", "-f", "-", "--default-failure-policy", "Ignore"];
    const { stdout, stderr, code } = await runProgram(args, { input });
    expect(stdout).toContain("kind");
    expect(stderr).toContain("  log: not injected (I11): ");
    expect(stderr).toContain("  warning: SidecarSet log cannot be injected (I11): ");
    expect(code).toBe(0);
  });
});

describe("folders of manifests", () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "sidecarset-manifests-"));
    mkdirSync(join(folder, "below/empty"), { recursive: true });
    writeFileSync(join(folder, "2-pod.yaml"), `${readFileSync("examples/pod.yaml", "utf8")}`);
    writeFileSync(join(folder, "1-set.yml"), readFileSync("examples/launch-article/sidecarset.yaml", "utf8"));
    writeFileSync(join(folder, "README.md"), "no manifest: {");
    writeFileSync(
      join(folder, "below/set.json"),
      JSON.stringify(sidecarSet("below", { updateStrategy: { partition: "x" } }), null, 2),
    );
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("are read by inject, *.yaml, *.yml and *.json in the order of their names", async () => {
    const { stdout, stderr, code } = await runProgram(["inject", "-f", folder, "-o", "name"]);
    expect(stdout).toBe("pod/web-0\n");
    expect(stderr).not.toContain("below");
    expect(code).toBe(0);
  });

  it("are validated with -R all the way down, each finding at its place", async () => {
    const { stdout, stderr, code } = await runProgram(["validate", "-R", "-f", folder]);
    expect(stdout).toMatch(
      new RegExp(`^${folder}/below/set.json:\\d+:\\d+: error: spec.updateStrategy.partition: `, "m"),
    );
    expect(stderr).toContain(`${folder}/2-pod.yaml:2:1: skipped: Pod web-0 is no SidecarSet`);
    expect(stderr).toContain("2 SidecarSets checked");
    expect(code).toBe(3);
  });

  it("are converted", async () => {
    const { stdout, code } = await runProgram(["convert", "-f", folder, "--to", "v1beta1"]);
    expect(parseAllDocuments(stdout).map((document) => document.get("apiVersion"))).toEqual([
      "apps.kruise.io/v1beta1",
      "v1",
    ]);
    expect(code).toBe(0);
  });

  it.each(["inject", "validate"])("without any manifest are wrong usage of %s", async (verb) => {
    const { stderr, code } = await runProgram([verb, "-f", join(folder, "below/empty")]);
    expect(stderr).toContain("there is no *.yaml, *.yml or *.json file in this folder; -R looks below");
    expect(code).toBe(2);
  });
});

describe("sidecarset inject --from-cluster", () => {
  let demo: DemoCluster;

  beforeAll(async () => {
    const environment = { clock: systemClock, random: Math.random, log: () => {} };
    demo = await startDemoApiServer({ environment, port: 0 });
    const shop = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels: { team: "a" } } };
    await demo.cluster.create(NAMESPACES, shop);
    const select = { selector: { matchLabels: { logging: "enabled" } } };
    const inCluster = [
      sidecarSet("by-team", { ...select, namespaceSelector: { matchLabels: { team: "a" } } }),
      sidecarSet("log-agent", { ...select, containers: [{ name: "fluent-bit", image: "old:1" }] }),
      sidecarSet("pinned", {
        ...select,
        injectionStrategy: { revision: { revisionName: "pinned-1", policy: "Always" } },
      }),
    ];
    for (const set of inCluster) await demo.cluster.create(SIDECAR_SETS, set);
    await demo.cluster.create<ControllerRevision>(CONTROLLER_REVISIONS, revision("pinned-1", "pinned"));
  }, 60_000);

  afterAll(() => demo.close());

  it("takes SidecarSets, namespace labels and revisions from the cluster, and files before them", async () => {
    const args = [
      "inject",
      ...HELM,
      "--from-cluster",
      "--kubeconfig",
      demo.kubeconfigPath,
      "--expect",
      "by-team,pinned",
    ];
    const { stderr } = await runProgram([...args, "--explain", "-o", "yaml"]);
    expect(stderr).toContain("note: SidecarSet log-agent: examples/log-agent.yaml is used, not the one of the cluster");
    expect(stderr).toContain("  by-team: injected by-team");
    expect(stderr).toContain("  log-agent: injected fluent-bit");
    expect(stderr).toContain("  pinned: injected pinned (I08): revision pinned-1: the injection strategy pins it");
    expect(stderr).toContain("+ containers[3] pinned pinned:0");
    expect(stderr).toContain("expected by-team in CronJob shop/report: not injected (I01)");
  });

  it("needs no SidecarSet among the files, and says when a namespace is not there yet", async () => {
    const args = ["inject", "-f", "examples/helm-rendered.yaml", "-n", "new", "--from-cluster"];
    const { stderr, code } = await runProgram([...args, "--kubeconfig", demo.kubeconfigPath]);
    expect(stderr).toContain("note: namespace new is not in the cluster yet: taken as one without labels of its own");
    expect(stderr).toContain("  by-team: not injected (I02): ");
    expect(code).toBe(0);
  });

  it("says what is missing in the cluster or on the command line", async () => {
    const args = ["inject", ...HELM];
    const wrongNamespace = ["--from-cluster", "--kubeconfig", demo.kubeconfigPath, "--system-namespace", "nowhere"];
    const missing = await runProgram([...args, ...wrongNamespace]);
    expect(missing.stderr).toContain("the cluster has no namespace nowhere");
    expect(missing.code).toBe(1);
    const stray = await runProgram([...args, "--kubeconfig", demo.kubeconfigPath]);
    expect(stray.stderr).toBe("error: --kubeconfig needs --from-cluster\n");
    expect(stray.code).toBe(2);
  });
});

describe("sidecarset inject", () => {
  it("suggests the flag that was meant", async () => {
    const { stderr, code } = await runProgram(["inject", ...HELM, "--explian"]);
    expect(stderr).toContain("Did you mean --explain?");
    expect(code).toBe(2);
  });
});

function sidecarSet(name: string, spec: object): KubeObject {
  const containers = [{ name, image: `${name}:1` }];
  const all = { selector: { matchLabels: { logging: "enabled" } }, containers, ...spec };
  return { apiVersion: "apps.kruise.io/v1beta1", kind: "SidecarSet", metadata: { name }, spec: all } as KubeObject;
}

function pod() {
  return { spec: { containers: [{ name: "a", image: "a:1" }] } };
}

function aPod(namespace: string): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p", namespace, labels: { logging: "enabled" } },
    ...pod(),
  };
}

function revision(name: string, set: string): ControllerRevision {
  const { spec } = sidecarSet(set, { containers: [{ name: set, image: `${set}:0` }] }) as KubeObject & { spec: object };
  const labels = { "kruise.io/sidecarset-name": set };
  const metadata = { name, namespace: "kruise-system", labels };
  const data = { spec: { $patch: "replace", ...spec } } as ControllerRevision["data"];
  return { apiVersion: "apps/v1", kind: "ControllerRevision", metadata, revision: 1, data: data ?? null };
}
