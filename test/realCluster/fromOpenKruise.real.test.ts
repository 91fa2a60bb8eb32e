import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { isClusterError } from "../../src/cluster/clusterError.ts";
import { CUSTOM_RESOURCE_DEFINITIONS, SIDECAR_SETS } from "../../src/cluster/resource.ts";
import type { JsonObject } from "../../src/core/kube/object.ts";
import { connect } from "../../src/kubeapi/connect.ts";
import { eventually, type Loose } from "../contract/fixtures.ts";
import { realKubeconfig, realKubectl } from "./kubeconfigOfRun.ts";

const DEFINITION = { name: "sidecarsets.apps.kruise.io" };
const OURS = join(import.meta.dirname, "../../deploy/crd.yaml");
const ALPHA = { ...SIDECAR_SETS, version: "v1alpha1" };
const WITHOUT_CONVERSION = '[{"op": "replace", "path": "/spec/conversion", "value": {"strategy": "None"}}]';
const STORED_AS_ALPHA: JsonObject = {
  selector: { matchLabels: { app: "web" } },
  namespace: "shop",
  containers: [
    { name: "log", image: "log:1", upgradeStrategy: { upgradeType: "ColdUpgrade" }, env: [{ name: "A", value: "1" }] },
  ],
  volumes: [{ name: "logs", emptyDir: {} }],
  updateStrategy: {
    type: "RollingUpdate",
    partition: "50%",
    maxUnavailable: 2,
    scatterStrategy: [{ key: "zone", value: "a" }],
  },
  revisionHistoryLimit: 10,
};
const STORED_AS_BETA: JsonObject = {
  ...Object.fromEntries(Object.entries(STORED_AS_ALPHA).filter(([field]) => field !== "namespace")),
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "shop" } },
  customVersion: "v7",
};

// A definition whose deletion meets a change of it is deleted much later.
vi.setConfig({ hookTimeout: 180_000, testTimeout: 180_000 });

let cluster: Cluster & { close(): Promise<void> };
let home: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "kubectl-home-"));
  cluster = await connect({ kubeconfig: realKubeconfig(), variables: {} });
});
afterAll(async () => {
  await cluster.close();
  rmSync(home, { recursive: true, force: true });
});

describe("OpenKruise's definition, with objects stored in both versions and its conversion webhook gone,", () => {
  beforeEach(async () => {
    await deleteDefinition();
    await cluster.create(CUSTOM_RESOURCE_DEFINITIONS, theirDefinition("v1alpha1"));
    await store("v1alpha1", STORED_AS_ALPHA);
    await cluster.patch(CUSTOM_RESOURCE_DEFINITIONS, DEFINITION, { type: "merge", patch: versions("v1beta1") });
    await store("v1beta1", STORED_AS_BETA);
    const { status } = await cluster.get<Loose>(CUSTOM_RESOURCE_DEFINITIONS, DEFINITION);
    expect(status.storedVersions).toEqual(["v1alpha1", "v1beta1"]);
    await expect(cluster.list(SIDECAR_SETS)).rejects.toThrow("conversion webhook");
  });

  it.each<readonly [string, readonly (readonly string[])[]]>([
    ["apply", [["apply", "-f", OURS]]],
    ["replace", [["replace", "-f", OURS]]],
    [
      "patch and a server-side apply",
      [
        ["patch", "crd", DEFINITION.name, "--type=json", "-p", WITHOUT_CONVERSION],
        ["apply", "--server-side", "--force-conflicts", "-f", OURS],
      ],
    ],
  ])("is replaced in place by kubectl %s", async (_name, commands) => {
    for (const args of commands) await kubectl(...args);
    await servesOurFields();
    for (const type of [ALPHA, SIDECAR_SETS]) {
      const { items } = await eventually(() => cluster.list<Loose>(type));
      expect(items.map(({ metadata, spec }) => [metadata.name, spec])).toEqual([
        ["v1alpha1", STORED_AS_ALPHA],
        ["v1beta1", STORED_AS_BETA],
      ]);
    }
    for (const [type, name] of [
      [ALPHA, "v1beta1"],
      [SIDECAR_SETS, "v1alpha1"],
    ] as const) {
      const patch = { spec: { updateStrategy: { partition: "25%", nonImageChange: "Recreate" } } };
      const { spec } = await eventually(() => cluster.patch<Loose>(type, { name }, { type: "merge", patch }));
      expect(spec.updateStrategy).toMatchObject({ type: "RollingUpdate", ...patch.spec.updateStrategy });
    }
  });

  it("keeps a server-side apply alone from taking it over: the webhook belongs to somebody else", async () => {
    await expect(kubectl("apply", "--server-side", "--force-conflicts", "-f", OURS)).rejects.toThrow(
      "should not be set when strategy is not set to Webhook",
    );
    await kubectl("apply", "-f", OURS);
  });
});

describe("our definition", () => {
  beforeAll(async () => {
    await deleteDefinition();
    await kubectl("apply", "-f", OURS);
  });

  it("is left alone by applying it again", async () => {
    const before = await cluster.get<Loose>(CUSTOM_RESOURCE_DEFINITIONS, DEFINITION);
    await kubectl("apply", "-f", OURS);
    expect(await kubectl("diff", "-f", OURS)).toBe("");
    const after = await cluster.get<Loose>(CUSTOM_RESOURCE_DEFINITIONS, DEFINITION);
    expect(after.metadata.generation).toBe(before.metadata.generation);
  });

  it("is found by short name and category, OpenKruise's columns first", async () => {
    await store("v1beta1", { ...STORED_AS_BETA, namespace: "shop" });
    const patch = { status: { matchedPods: 3, updatedPods: 2, readyPods: 1, rollout: { phase: "Progressing" } } };
    const type = { type: "merge", patch } as const;
    await cluster.patch(SIDECAR_SETS, { name: "v1beta1" }, type, { subresource: "status" });
    await eventually(async () => {
      const columns = (await kubectl("get", "scs")).split("\n").map((line) => line.split(/\s+/).slice(0, 4));
      expect(columns.slice(0, 2)).toEqual([
        ["NAME", "MATCHED", "UPDATED", "READY"],
        ["v1beta1", "3", "2", "1"],
      ]);
    });
    expect((await kubectl("get", "kruise", "-o", "wide")).split(/\s+/).slice(4, 11)).toEqual([
      "AGE",
      "PHASE",
      "SELECTED",
      "UPDATED-READY",
      "HELD",
      "STUCK",
      "REVISION",
    ]);
    await cluster.delete(SIDECAR_SETS, { name: "v1beta1" });
  });

  it("teaches through kubectl explain", async () => {
    await eventually(async () => {
      const partition = await kubectl("explain", "sidecarset.spec.updateStrategy.partition");
      const words = partition.replace(/\s+/g, " ");
      expect(words).toContain("How many pods stay on the old revision");
      expect(words).toContain("a percentage of the matched pods, rounded up");
      expect(words).toContain("Default: 0.");
    });
    expect(await kubectl("explain", "sidecarset.spec.injectionStrategy.failurePolicy")).toMatch(
      /ENUM:\s+Fail\s+Ignore\s/,
    );
  });
});

/** As OpenKruise's is built: two versions that a webhook converts. */
function theirDefinition(storage: string): Loose {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: DEFINITION,
    spec: {
      group: "apps.kruise.io",
      names: { kind: "SidecarSet", listKind: "SidecarSetList", plural: "sidecarsets", singular: "sidecarset" },
      scope: "Cluster",
      conversion: {
        strategy: "Webhook",
        webhook: {
          conversionReviewVersions: ["v1", "v1beta1"],
          clientConfig: { service: { namespace: "kruise-system", name: "nowhere", path: "/convert" } },
        },
      },
      ...versions(storage).spec,
    },
  };
}

function versions(storage: string) {
  const open = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  return {
    spec: {
      versions: ["v1alpha1", "v1beta1"].map((name) => ({
        name,
        served: true,
        storage: name === storage,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: "object", properties: { spec: open, status: open } } },
      })),
    },
  };
}

/** In the version's own words, which needs no conversion while it is the stored one; named after it. */
async function store(version: string, spec: JsonObject): Promise<void> {
  const apiVersion = `apps.kruise.io/${version}`;
  const object = { apiVersion, kind: "SidecarSet", metadata: { name: version }, spec };
  await eventually(() => cluster.create<Loose>({ ...SIDECAR_SETS, version }, object as Loose));
}

/** The old schema goes on for a moment, and would drop what it does not know. */
async function servesOurFields(): Promise<void> {
  await eventually(async () => {
    const patch = { type: "merge", patch: { spec: { updateStrategy: { nonImageChange: "nonsense" } } } } as const;
    await expect(cluster.patch(SIDECAR_SETS, { name: "v1beta1" }, patch, { dryRun: true })).rejects.toThrow(
      "nonImageChange",
    );
  });
}

/** With its objects, which the API server deletes first; when that meets a definition just changed, it tries again much later. */
async function deleteDefinition(): Promise<void> {
  await vi.waitFor(
    async () => {
      const deleting = cluster.delete(CUSTOM_RESOURCE_DEFINITIONS, DEFINITION);
      await expect(deleting).rejects.toSatisfy((error) => isClusterError(error, "notFound"));
    },
    { timeout: 170_000, interval: 200 },
  );
}

async function kubectl(...args: readonly string[]): Promise<string> {
  const env = { PATH: process.env.PATH, KUBECONFIG: realKubeconfig(), HOME: home };
  const { stdout } = await promisify(execFile)(realKubectl(), args, { env, timeout: 40_000 });
  return stdout;
}
