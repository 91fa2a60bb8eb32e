import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type DemoCluster, startDemoApiServer } from "../../src/cli/demo/demoCluster.ts";
import { systemClock } from "../../src/cluster/environment.ts";
import { NAMESPACES, PODS, SIDECAR_SETS, VALIDATING_WEBHOOKS } from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import { startWebhookServer } from "../contract/webhookServer.ts";
import { runProgram } from "./runProgram.ts";

const NEW = "examples/preview/new.yaml";
const SNAPSHOT = "examples/preview/snapshot.yaml";
const ARTICLE = "examples/launch-article";

const folder = mkdtempSync(join(tmpdir(), "sidecarset-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The example with some text replaced, in a file of its own. */
function edited(file: string, ...changes: readonly (readonly [string, string])[]): string {
  const path = join(folder, `${Math.random().toString(36).slice(2)}.yaml`);
  writeFileSync(
    path,
    changes.reduce((text, [from, to]) => text.replace(from, to), readFileSync(file, "utf8")),
  );
  return path;
}

describe.each(["docs/reference/simulation-report.md", "docs/reference/plan-report.md"])(
  "the reference %s",
  (document) => {
    const transcripts = [...readFileSync(document, "utf8").matchAll(/^\$ sidecarset (.*)\n([\s\S]*?)(?=^\$ |^```)/gm)];

    it.each(transcripts.map(([, command = "", output = ""]) => [command, output]))(
      "shows what is printed: %s",
      async (command, output) => {
        const { stdout } = await runProgram(command.split(" "));
        expect(stdout).toBe(output);
      },
    );

    it("shows something", () => {
      expect(transcripts.length).toBeGreaterThan(0);
    });
  },
);

describe("sidecarset simulate", () => {
  it("gives programs the same as people, and the same again but for the time", async () => {
    const args = ["simulate", "-f", NEW, "--pods", "60", "--not-ready", "5%", "--seed", "7", "-o", "json"];
    const [one, other] = await Promise.all([runProgram(args), runProgram(args)]);
    const report = JSON.parse(one.stdout);
    expect(report).toMatchObject({
      apiVersion: "cli.sidecarset/v1",
      kind: "SimulationReport",
      sidecarSet: "log-agent",
      source: NEW,
      changes: [{ field: "spec.containers[0].image", to: "fluent/fluent-bit:3.2.0", effect: "inPlace" }],
      assumptions: { pods: 60, owners: 10, notReady: 0.05, seed: 7, restartSeconds: [5, 40] },
      pods: { before: { matched: 60, updated: 0 } },
    });
    expect({ ...JSON.parse(other.stdout), generatedAt: report.generatedAt }).toEqual(report);
  });

  it("ends with 4 and the reasons when the change is beyond the image", async () => {
    const from = edited(NEW, ["image: fluent/fluent-bit:3.2.0", "image: fluent/fluent-bit:3.2.0\n      args: [-v]"]);
    const { stdout, stderr, code } = await runProgram(["simulate", "-f", NEW, "--from", from, "--pods", "5"]);
    expect(stdout).toContain("containers[0].args");
    expect(stdout).toContain("needs recreation (U07)");
    expect(stderr).toBe("error: the rollout is degraded: 5 nonImageChange (U07)\n");
    expect(code).toBe(4);
  });

  it("says why a workload of the files gets no sidecar", async () => {
    const { stderr, code } = await runProgram([
      "simulate",
      "-f",
      NEW,
      "-f",
      `${ARTICLE}/web-server.yaml`,
      "--pods",
      "5",
    ]);
    expect(stderr).toMatch(/^error: Deployment web-server gets no sidecar \(I01\): spec.selector wants /);
    expect(code).toBe(1);
  });

  it.each([
    ["--pods", "many", '--pods "many": a whole number from 1 to '],
    ["--failing", "200%", '--failing "200%": a share such as "2%" is expected'],
    ["--restart-seconds", "40..5", '--restart-seconds "40..5": seconds such as "30" or "5..40" are expected'],
    ["--label", "zone", '--label "zone": a label with its values is expected'],
  ])("refuses %s %s as wrong usage", async (flag, value, message) => {
    const { stderr, code } = await runProgram(["simulate", "-f", NEW, "--pods", "5", flag, value]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

describe("sidecarset preview --snapshot", () => {
  it("gives programs every pod in its place or with its reason, and ends well without a finding", async () => {
    const { stdout, code } = await runProgram(["preview", "-f", NEW, "--snapshot", SNAPSHOT, "-o", "json"]);
    const plan = JSON.parse(stdout);
    expect(plan).toMatchObject({
      apiVersion: "cli.sidecarset/v1",
      kind: "Plan",
      clean: true,
      findings: [],
      from: { number: 1 },
      to: { number: 2, isNew: true },
      scope: { pods: 26, selected: 13, carried: 12 },
      result: "held",
    });
    expect(plan.order).toHaveLength(6);
    expect(plan.order[0]).toMatchObject({ wave: 0, startSeconds: 0, readySeconds: 30 });
    expect(plan.left.map(({ code: reason }: { code: string }) => reason).toSorted()).toEqual([
      "I04",
      ...Array.from({ length: 6 }, () => "U05"),
    ]);
    expect(code).toBe(0);
  });

  it("finds what would never roll, with the code of the reason, and ends with 3", async () => {
    const file = edited(NEW, ["maxUnavailable: 20%", "maxUnavailable: 0"], ["partition: 50%", "partition: 0"]);
    const { stdout, code } = await runProgram(["preview", "-f", file, "--snapshot", SNAPSHOT]);
    expect(stdout).toContain("warning: L01: spec.updateStrategy.maxUnavailable: 0 lets no ready pod be updated");
    expect(stdout).toMatch(/warning: U06: 12 pods do not get the change, they wait for ever/);
    expect(code).toBe(3);
  });

  it("tells changes that running pods cannot take, scatter labels that pods lack, and selectors that select too many", async () => {
    const file = edited(
      NEW,
      ["image: fluent/fluent-bit:3.2.0", "image: fluent/fluent-bit:3.2.0\n      args: [-v]"],
      ["topology.kubernetes.io/zone", "rack"],
    );
    const { stdout, code } = await runProgram(["preview", "-f", file, "--snapshot", SNAPSHOT, "--pods"]);
    expect(stdout).toContain("warning: L02: spec.containers[0].args");
    expect(stdout).toContain('warning: L09: spec.updateStrategy.scatterStrategy: 12 of 12 pods have no label "rack"');
    expect(stdout).toMatch(/pay\/\S+ +U07 nonImageChange containers\[fluent-bit\]\.args\n/);
    expect(code).toBe(3);
    const wide = edited(NEW, [
      "matchLabels:\n      logging: enabled",
      "matchExpressions:\n    - {key: app, operator: Exists}",
    ]);
    const other = await runProgram(["preview", "-f", wide, "--snapshot", SNAPSHOT]);
    expect(other.stdout).toContain("warning: L04: spec.selector: selects 26 of 26 pods");
  });
});

describe("sidecarset preview of a change beyond the rollout", () => {
  it("tells which pods it is about, and what only new pods get", async () => {
    const file = edited(
      NEW,
      ["logging: enabled", "logging: other"],
      [
        "  updateStrategy:",
        "  volumes: [{name: extra, emptyDir: {}}]\n  injectionStrategy: {paused: true}\n  updateStrategy:",
      ],
    );
    const { stdout } = await runProgram(["preview", "-f", file, "--snapshot", SNAPSHOT]);
    expect(stdout).toMatch(
      /selector +\{"matchLabels":\{"logging":"enabled"\}\} → .*"other".* which pods it is about\n/,
    );
    expect(stdout).toMatch(/injectionStrategy\.paused +false → true +new pods only\n/);
    expect(stdout).toMatch(/volumes +\[.*new pods only\n/);
  });
});

describe("sidecarset preview while all updates are stopped", () => {
  it("finds that, by the ConfigMap in the snapshot", async () => {
    const snapshot = edited(SNAPSHOT, [
      "items:\n",
      `items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: sidecarset-switches, namespace: kruise-system}
    data: {updates: stopped, reason: registry is down}
`,
    ]);
    const { stdout, code } = await runProgram(["preview", "-f", NEW, "--snapshot", snapshot]);
    expect(stdout).toContain(
      "warning: U18: all updates in place are stopped (registry is down) by ConfigMap sidecarset-switches",
    );
    expect(code).toBe(3);
  });
});

describe("sidecarset preview on a cluster", () => {
  let demo: DemoCluster;

  beforeAll(async () => {
    const environment = { clock: systemClock, random: Math.random, log: () => {} };
    demo = await startDemoApiServer({ environment, port: 0 });
    const { items } = parse(readFileSync(SNAPSHOT, "utf8")) as { items: readonly (KubeObject & { status: object })[] };
    const unstored = (object: KubeObject): KubeObject => {
      // Their owners are not in the snapshot: a cluster would collect them.
      const { uid: _, resourceVersion: __, ownerReferences: ___, ...metadata } = object.metadata;
      return { ...object, metadata };
    };
    const ofKind = (kind: string) => items.filter((object) => object.kind === kind);
    for (const object of ofKind("Namespace")) await demo.cluster.create(NAMESPACES, unstored(object));
    for (const object of ofKind("SidecarSet")) await demo.cluster.create(SIDECAR_SETS, unstored(object));
    for (const object of ofKind("Pod")) {
      const { name = "", namespace = "" } = object.metadata;
      await demo.cluster.create(PODS, unstored(object));
      const patch = { status: object.status } as never;
      await demo.cluster.patch(PODS, { name, namespace }, { type: "merge", patch }, { subresource: "status" });
    }
  }, 60_000);

  afterAll(() => demo.close());

  it("reads the pods, asks the API server, and writes nothing", async () => {
    const { items: before } = await demo.cluster.list(SIDECAR_SETS);
    const args = ["preview", "-f", NEW, "--kubeconfig", demo.kubeconfigPath];
    const { stdout, stderr } = await runProgram(args);
    expect(stderr).toBe("");
    expect(stdout).toContain("server dry-run: accepted");
    expect(stdout).toContain("13 of 26 selected, 12 of them with the sidecars (cluster)");
    expect((await demo.cluster.list(SIDECAR_SETS)).items).toEqual(before);
    const stray = await runProgram([...args, "--snapshot", SNAPSHOT]);
    expect(stray.stderr).toBe("error: --kubeconfig and --snapshot exclude each other\n");
    expect(stray.code).toBe(2);
  });

  it("tells what another webhook refuses, beside the plan, and ends with 3", async () => {
    const guard = await startWebhookServer(() => ({ allowed: false, status: { message: "frozen until Monday" } }));
    const webhook = {
      name: "guard.example.com",
      clientConfig: { url: `${guard.url}/`, caBundle: guard.caBundle },
      rules: [{ apiGroups: ["*"], apiVersions: ["*"], operations: ["UPDATE"], resources: ["sidecarsets"] }],
      sideEffects: "None",
      admissionReviewVersions: ["v1"],
    };
    const { group, version, kind } = VALIDATING_WEBHOOKS;
    const configuration = { apiVersion: `${group}/${version}`, kind, metadata: { name: "guard" }, webhooks: [webhook] };
    await demo.cluster.create<KubeObject>(VALIDATING_WEBHOOKS, configuration);
    try {
      const { stdout, code } = await runProgram(["preview", "-f", NEW, "--kubeconfig", demo.kubeconfigPath]);
      expect(stdout).toContain("server dry-run: refused");
      expect(stdout).toMatch(
        /^refused: admission webhook "guard.example.com" denied the request: frozen until Monday$/m,
      );
      expect(stdout).toContain("12 of them with the sidecars");
      expect(code).toBe(3);
    } finally {
      await demo.cluster.delete(VALIDATING_WEBHOOKS, { name: "guard" });
      await guard.close();
    }
  });
});
