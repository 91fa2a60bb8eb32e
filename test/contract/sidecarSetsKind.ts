import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { isClusterError } from "../../src/cluster/clusterError.ts";
import { CUSTOM_RESOURCE_DEFINITIONS } from "../../src/cluster/resource.ts";
import type { JsonObject } from "../../src/core/kube/object.ts";
import { type Loose, objectBecomes } from "./fixtures.ts";

/** Teaches the cluster our own kind, as `kubectl apply -f deploy/crd.yaml` does, and waits until it is served. */
export async function installSidecarSets(cluster: Cluster): Promise<void> {
  const definition = await readDefinition();
  try {
    await cluster.create(CUSTOM_RESOURCE_DEFINITIONS, definition);
  } catch (error) {
    if (!isClusterError(error, "alreadyExists")) throw error;
  }
  const name = { name: definition.metadata.name ?? "" };
  await objectBecomes(cluster, CUSTOM_RESOURCE_DEFINITIONS, name, (object) =>
    object?.status?.conditions?.some((c: Condition) => c.type === "Established" && c.status === "True"),
  );
}

export async function readDefinition(): Promise<Loose> {
  const text = await readFile(join(import.meta.dirname, "../../deploy/crd.yaml"), "utf8");
  return parse(text, { version: "1.1" }) as Loose;
}

interface Condition {
  readonly type: string;
  readonly status: string;
}

/** The smallest set there is; it selects nothing. */
export function aSidecarSet(name: string, spec: JsonObject = {}): Loose {
  return {
    apiVersion: "apps.kruise.io/v1beta1",
    kind: "SidecarSet",
    metadata: { name },
    spec: {
      selector: { matchLabels: { "contract.test/none": "selected" } },
      containers: [{ name: "sidecar", image: "sidecar:1" }],
      ...spec,
    },
  };
}
