import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { VirtualClock } from "../../test/virtualClock.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { isClusterError } from "../cluster/clusterError.ts";
import { CUSTOM_RESOURCE_DEFINITIONS, SIDECAR_SETS } from "../cluster/resource.ts";
import type { KubeObject } from "../core/kube/object.ts";
import { ApiServer } from "./apiServer.ts";
import { inMemoryCluster } from "./inMemoryCluster.ts";

const CRD = parse(readFileSync(join(import.meta.dirname, "../../deploy/crd.yaml"), "utf8")) as KubeObject;
const ALPHA = { ...SIDECAR_SETS, version: "v1alpha1" };

async function aClusterWithSidecarSets(): Promise<Cluster> {
  const server = new ApiServer({ environment: { clock: new VirtualClock(), random: Math.random, log: () => {} } });
  const cluster = inMemoryCluster(server);
  await cluster.create(CUSTOM_RESOURCE_DEFINITIONS, CRD);
  return cluster;
}

function aSidecarSet(version: string, spec: object = {}): KubeObject & { spec: object } {
  const apiVersion = `apps.kruise.io/${version}`;
  return { apiVersion, kind: "SidecarSet", metadata: { name: "logs" }, spec: { selector: {}, ...spec } };
}

describe("custom resources", () => {
  it("are served as soon as their definition is stored, and the definition says so", async () => {
    const cluster = await aClusterWithSidecarSets();
    const definition = await cluster.get<KubeObject & { status: { conditions: { type: string; status: string }[] } }>(
      CUSTOM_RESOURCE_DEFINITIONS,
      { name: CRD.metadata.name! },
    );
    expect(definition.status.conditions.map(({ type, status }) => `${type}=${status}`)).toEqual([
      "NamesAccepted=True",
      "Established=True",
    ]);
  });

  it("are one object under every served version", async () => {
    const cluster = await aClusterWithSidecarSets();
    await cluster.create(ALPHA, aSidecarSet("v1alpha1"));
    const beta = await cluster.get(SIDECAR_SETS, { name: "logs" });
    expect(beta.apiVersion).toBe("apps.kruise.io/v1beta1");
    expect(beta.metadata.generation).toBe(1);
  });

  it("change their generation with the spec and not with the status", async () => {
    const cluster = await aClusterWithSidecarSets();
    const created = await cluster.create(SIDECAR_SETS, aSidecarSet("v1beta1"));
    const status = { ...created, status: { matchedPods: 3, updatedPods: 0, readyPods: 0 } };
    const withStatus = await cluster.update(SIDECAR_SETS, status, { subresource: "status" });
    expect(withStatus.metadata.generation).toBe(1);
    const patch = { type: "merge", patch: { spec: { updateStrategy: { paused: true } } } } as const;
    const paused = await cluster.patch<KubeObject & { status: unknown }>(SIDECAR_SETS, { name: "logs" }, patch);
    expect(paused.metadata.generation).toBe(2);
    expect(paused.status).toMatchObject({ matchedPods: 3 });
  });

  it("refuse a strategic merge patch with 415", async () => {
    const cluster = await aClusterWithSidecarSets();
    await cluster.create(SIDECAR_SETS, aSidecarSet("v1beta1"));
    const patching = cluster.patch(SIDECAR_SETS, { name: "logs" }, { type: "strategic", patch: {} });
    await expect(patching).rejects.toSatisfy((error) => isClusterError(error, "unsupportedMediaType"));
  });

  it("refuse what the schema does not allow, naming the field", async () => {
    const cluster = await aClusterWithSidecarSets();
    const spec = { updateStrategy: { selector: { matchLabels: [{ "canary.release": "true" }] } } };
    await expect(cluster.create(SIDECAR_SETS, aSidecarSet("v1beta1", spec))).rejects.toThrow(
      /SidecarSet\.apps\.kruise\.io "logs" is invalid: .*spec\.updateStrategy\.selector\.matchLabels/,
    );
  });

  it("go away with their definition", async () => {
    const cluster = await aClusterWithSidecarSets();
    await cluster.delete(CUSTOM_RESOURCE_DEFINITIONS, { name: CRD.metadata.name! });
    await expect(cluster.list(SIDECAR_SETS)).rejects.toSatisfy((error) => isClusterError(error, "notFound"));
  });
});
