import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startManager } from "../../src/cli/startManager.ts";
import { type Environment, systemClock } from "../../src/cluster/environment.ts";
import { MUTATING_WEBHOOKS, SIDECAR_SETS, VALIDATING_WEBHOOKS } from "../../src/cluster/resource.ts";
import { eventually } from "../contract/fixtures.ts";
import { realKubectl } from "./kubeconfigOfRun.ts";
import { embeddedKubectlDoor, environmentOf, type Kubectl, realKubectlDoor } from "./kubectlDoors.ts";

const NAMESPACE = "kubectl";
const environment: Environment = { clock: systemClock, random: Math.random, log: () => {} };
const root = join(import.meta.dirname, "../..");

describe.each([
  ["a real cluster", realKubectlDoor],
  ["the embedded cluster", embeddedKubectlDoor],
])("kubectl on %s", (_name, open) => {
  let kubectl: Kubectl;
  let folder: string;
  const run = (...args: readonly string[]): Promise<string> => kubectl.run("-n", NAMESPACE, ...args);
  const manifest = (object: object): string => {
    const path = join(folder, "manifest.json");
    writeFileSync(path, JSON.stringify(object));
    return path;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "kubectl-"));
    kubectl = await open(folder);
    expect(await kubectl.run("create", "namespace", NAMESPACE)).toBe(`namespace/${NAMESPACE} created`);
  });
  afterAll(async () => {
    await kubectl.run("delete", "namespace", NAMESPACE);
    await kubectl.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("apply creates, and says when nothing changed", async () => {
    expect(await run("apply", "-f", manifest(deployment(2)))).toBe("deployment.apps/web created");
    expect(await run("apply", "-f", manifest(deployment(2)))).toBe("deployment.apps/web unchanged");
    expect(await run("apply", "-f", manifest(deployment(3)))).toBe("deployment.apps/web configured");
  });

  it("rollout status waits until all pods are there", async () => {
    expect(await run("rollout", "status", "deployment/web")).toContain('deployment "web" successfully rolled out');
  });

  it("get prints the columns people know", async () => {
    expect(await run("get", "deployment", "web")).toBe(
      ["NAME READY UP-TO-DATE AVAILABLE AGE", "web 3/3 3 3 AGE"].join("\n"),
    );
    expect(await run("get", "rs")).toBe(["NAME DESIRED CURRENT READY AGE", "web-HASH 3 3 3 AGE"].join("\n"));
    const pods = (await run("get", "pods")).split("\n");
    expect(pods).toEqual(["NAME READY STATUS RESTARTS AGE", ...Array(3).fill("web-HASH-POD 1/1 Running 0 AGE")]);
    expect((await run("get", "pods", "-l", "app=web", "-o", "name")).split("\n")).toHaveLength(3);
    expect(await run("get", "pods", "-l", "app=nobody")).toBe("No resources found in kubectl namespace.");
  });

  it("get says what is not there, and what is no kind", async () => {
    expect(await run("get", "pod", "nope")).toBe('Error from server (NotFound): pods "nope" not found');
    expect(await run("get", "dreams")).toBe(`error: the server doesn't have a resource type "dreams"`);
  });

  it("scale, and wait", async () => {
    expect(await run("scale", "deployment/web", "--replicas=1")).toBe("deployment.apps/web scaled");
    await eventually(async () => expect((await run("get", "pods")).split("\n")).toHaveLength(2));
    expect(await run("wait", "deployment/web", "--for=condition=Available")).toBe("deployment.apps/web condition met");
  });

  it("set image on a pod restarts its container in place", async () => {
    const pod = await podName();
    expect(await run("set", "image", `pod/${pod}`, "app=app:2")).toMatch(/^pod\/web-\S+ image updated$/);
    await eventually(async () => {
      const row = (await run("get", "pods")).split("\n")[1];
      expect(row).toMatch(/^web-HASH-POD 1\/1 Running 1 \(AGE ago\) AGE$/);
    });
    expect(await run("get", "pod", pod, "-o", "jsonpath={.status.containerStatuses[0].image}")).toMatch(/app:2$/);
  });

  it("a change a pod does not allow is refused in Kubernetes' words", async () => {
    const patch = '{"spec":{"containers":[{"name":"app","command":["sh"]}]}}';
    const refusal = await run("patch", "pod", await podName(), "-p", patch);
    expect(refusal).toMatch(
      /^The Pod "web-\S+" is invalid: spec: Forbidden: pod updates may not change fields other than/,
    );
  });

  it("patch by every type, label, annotate", async () => {
    expect(
      await run(
        "patch",
        "deployment",
        "web",
        "--type=json",
        "-p",
        '[{"op":"replace","path":"/spec/replicas","value":2}]',
      ),
    ).toBe("deployment.apps/web patched");
    expect(await run("patch", "deployment", "web", "--type=merge", "-p", '{"spec":{"replicas":2}}')).toBe(
      "deployment.apps/web patched (no change)",
    );
    expect(
      await run(
        "patch",
        "deployment",
        "web",
        "-p",
        '{"spec":{"template":{"spec":{"containers":[{"name":"app","image":"app:3"}]}}}}',
      ),
    ).toBe("deployment.apps/web patched");
    expect(await run("label", "deployment", "web", "team=a")).toBe("deployment.apps/web labeled");
    expect(await run("annotate", "deployment", "web", "note=b")).toBe("deployment.apps/web annotated");
    expect(
      await run("get", "deployment", "web", "-o", "jsonpath={.metadata.labels.team} {.metadata.annotations.note}"),
    ).toBe("a b");
    expect(await run("rollout", "status", "deployment/web")).toContain("successfully rolled out");
  });

  it("get -w follows a pod to its end", async () => {
    expect(await run("run", "once", "--image=once:1", "--restart=Never")).toBe("pod/once created");
    expect(await run("wait", "pod/once", "--for=condition=Ready")).toBe("pod/once condition met");
    const watching = spawn(realKubectl(), ["-n", NAMESPACE, "get", "pod", "once", "-w"], {
      env: environmentOf(kubectl.kubeconfig),
    });
    let seen = "";
    watching.stdout.on("data", (chunk: Buffer) => {
      seen += chunk.toString("utf8");
    });
    try {
      await eventually(async () => expect(seen).toMatch(/once +1\/1 +Running/));
      expect(await run("delete", "pod", "once", "--grace-period=1")).toMatch(/^pod "once" deleted/);
      await eventually(async () => expect(seen).toMatch(/once +\d\/1 +Terminating/));
    } finally {
      watching.kill();
    }
  });

  it("a SidecarSet is applied, printed, explained and deleted", async () => {
    const path = join(root, "examples/launch-article/sidecarset.yaml");
    expect(await run("apply", "-f", path)).toBe("sidecarset.apps.kruise.io/test-sidecarset created");
    expect(await run("get", "sidecarset", "test-sidecarset")).toMatch(
      /^NAME MATCHED UPDATED READY AGE PHASE\ntest-sidecarset AGE$/,
    );
    expect(await run("explain", "sidecarset.spec.updateStrategy.partition")).toContain(
      "How many pods stay on the old revision",
    );
    expect(await run("delete", "sidecarset", "test-sidecarset")).toMatch(
      /^sidecarset.apps.kruise.io "test-sidecarset" deleted/,
    );
  });

  it("the article's list under matchLabels is refused, naming the field", async () => {
    const refusal = await run("apply", "-f", join(root, "examples/launch-article/canary-with-a-mistake.yaml"));
    expect(refusal).toContain("spec.updateStrategy.selector.matchLabels");
  });

  it("apply of a SidecarSet prints what is legal but hurts, and annotate, which changes nothing about it, does not", async () => {
    const { cluster } = kubectl;
    const manager = await startManager({
      cluster,
      environment,
      systemNamespace: NAMESPACE,
      listen: { host: "127.0.0.1", port: 0 },
      address: "listen",
      signal: new AbortController().signal,
    });
    const applied = "sidecarset.apps.kruise.io/hurting";
    try {
      const stalled = manifest(sidecarSet({ updateStrategy: { maxUnavailable: 0 } }));
      const warning =
        "Warning: L01: spec.updateStrategy.maxUnavailable: 0 lets no ready pod be updated, they wait for ever (U06); give 1 or more, or hold a rollout by paused: true";
      // The API server may take a moment to know the webhook.
      await eventually(async () =>
        expect(await run("apply", "--dry-run=server", "-f", stalled)).toBe(
          `${applied} created (server dry run)\n${warning}`,
        ),
      );
      expect(await run("apply", "-f", stalled)).toBe(`${applied} created\n${warning}`);
      expect(await run("annotate", "sidecarset", "hurting", "note=b")).toBe(`${applied} annotated`);
      const floating = manifest(sidecarSet({ containers: [{ name: "logtail", image: "logtail" }] }));
      expect(await run("apply", "-f", floating)).toMatch(
        /^sidecarset.apps.kruise.io\/hurting configured\nWarning: L07: spec\.containers\[0\]\.image: [^\n]+/,
      );
    } finally {
      await cluster.delete(SIDECAR_SETS, { name: "hurting" });
      await cluster.delete(MUTATING_WEBHOOKS, { name: "sidecarset-mutating" });
      await cluster.delete(VALIDATING_WEBHOOKS, { name: "sidecarset-validating" });
      await manager.close();
    }
  });

  it("get -o wide, wait and describe tell how a rollout stands", async () => {
    const { cluster } = kubectl;
    const stop = new AbortController();
    const manager = await startManager({
      cluster,
      environment,
      systemNamespace: NAMESPACE,
      listen: { host: "127.0.0.1", port: 0 },
      address: "listen",
      signal: stop.signal,
    });
    const logged = (...args: readonly string[]): Promise<string> => kubectl.run("-n", "logged", ...args);
    const header = "NAME MATCHED UPDATED READY AGE PHASE SELECTED UPDATED-READY HELD STUCK REVISION";
    try {
      expect(await run("create", "namespace", "logged")).toBe("namespace/logged created");
      const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": "logged" } };
      const held = { updateStrategy: { maxUnavailable: 2, partition: 1 }, namespaceSelector };
      expect(
        await run("apply", "-f", manifest(sidecarSet({ ...held, selector: { matchLabels: { app: "web" } } }))),
      ).toBe("sidecarset.apps.kruise.io/hurting created");
      // The API server may take a moment to know the webhook.
      await eventually(async () => {
        const pod = await logged("run", "probe", "--image=app:1", "--labels=app=web", "--dry-run=server", "-o", "yaml");
        expect(pod).toContain("logtail");
      });
      expect(await logged("apply", "-f", manifest(deployment(3)))).toBe("deployment.apps/web created");
      expect(await logged("rollout", "status", "deployment/web")).toContain("successfully rolled out");
      expect(await run("wait", "scs/hurting", "--for=condition=Ready", "--timeout=30s")).toBe(
        "sidecarset.apps.kruise.io/hurting condition met",
      );
      await eventually(async () =>
        expect(await run("get", "scs", "hurting", "-o", "wide")).toMatch(
          new RegExp(`^${header}\nhurting 3 3 3 AGE Complete 3 3 0 0 hurting-[a-z0-9]+$`),
        ),
      );
      const image = '[{"op":"replace","path":"/spec/containers/0/image","value":"logtail:2"}]';
      expect(await run("patch", "scs", "hurting", "--type=json", "-p", image)).toMatch(/ patched$/);
      const phase = "--for=jsonpath={.status.rollout.phase}=Held";
      expect(await run("wait", "scs/hurting", phase, "--timeout=30s")).toMatch(/ condition met$/);
      expect(await run("wait", "scs/hurting", "--for=condition=Ready", "--timeout=30s")).toMatch(/ condition met$/);
      expect(await run("get", "scs", "hurting", "-o", "wide")).toMatch(
        new RegExp(`^${header}\nhurting 3 2 3 AGE Held 3 2 1 0 hurting-[a-z0-9]+$`),
      );
      await eventually(async () =>
        expect(await run("describe", "scs", "hurting")).toMatch(
          /Normal WaveDone .* wave 1 \(logtail: 1 -> 2\) is done/,
        ),
      );
      const who =
        'jsonpath={.status.history[0].by} {.status.history[0].result} {.status.conditions[?(@.type=="Ready")].reason}';
      expect(await run("get", "scs", "hurting", "-o", who)).toBe("kubectl-patch Progressing HeldByPartition");
    } finally {
      await run("delete", "namespace", "logged", "--wait=false");
      await cluster.delete(SIDECAR_SETS, { name: "hurting" });
      await cluster.delete(MUTATING_WEBHOOKS, { name: "sidecarset-mutating" });
      await cluster.delete(VALIDATING_WEBHOOKS, { name: "sidecarset-validating" });
      stop.abort();
      await manager.close();
    }
  });

  it("create makes what it has words for", async () => {
    expect(await run("create", "configmap", "settings", "--from-literal=a=b")).toBe("configmap/settings created");
    expect(await run("get", "configmap", "settings", "-o", "jsonpath={.data.a}")).toBe("b");
    expect(await run("create", "deployment", "quick", "--image=quick:1")).toBe("deployment.apps/quick created");
    expect(await run("rollout", "status", "deployment/quick")).toContain("successfully rolled out");
    expect(await run("delete", "deployment", "quick", "--cascade=foreground")).toMatch(
      /^deployment.apps "quick" deleted/,
    );
  });

  it("create refuses a name that is taken", async () => {
    expect(await run("create", "-f", manifest(deployment(1)))).toBe(
      'Error from server (AlreadyExists): error when creating "MANIFEST": deployments.apps "web" already exists',
    );
  });

  it("delete takes the pods along", async () => {
    expect(await run("delete", "deployment", "web")).toMatch(/^deployment.apps "web" deleted/);
    await eventually(async () => expect(await run("get", "pods,rs")).toBe("No resources found in kubectl namespace."));
  });

  async function podName(): Promise<string> {
    const { stdout } = await promisify(execFile)(
      realKubectl(),
      ["-n", NAMESPACE, "get", "pods", "-l", "app=web", "-o", "jsonpath={.items[0].metadata.name}"],
      { env: environmentOf(kubectl.kubeconfig) },
    );
    return stdout;
  }
});

function sidecarSet(spec: object): object {
  return {
    apiVersion: "apps.kruise.io/v1beta1",
    kind: "SidecarSet",
    metadata: { name: "hurting" },
    spec: {
      selector: { matchLabels: { app: "nobody" } },
      containers: [{ name: "logtail", image: "logtail:1" }],
      ...spec,
    },
  };
}

function deployment(replicas: number): object {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: { terminationGracePeriodSeconds: 1, containers: [{ name: "app", image: "app:1" }] },
      },
    },
  };
}
