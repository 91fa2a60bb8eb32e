import { CONTROLLER_REVISIONS, NAMESPACES, PODS, SIDECAR_SETS } from "../../cluster/resource.ts";
import { type ControllerRevision, isJsonObject, type KubeObject } from "../../core/kube/object.ts";
import { DEFAULT_SYSTEM_NAMESPACE, SIDECAR_SET_NAME_LABEL } from "../../core/sidecarSet/annotations.ts";
import { SIDECAR_LISTS } from "../../core/sidecarSet/sidecarDifferences.ts";
import { connect, type KubeApi } from "../../kubeapi/connect.ts";
import type { Candidate, TypedLine, Wants } from "./completionRequest.ts";

/** Who waits for a key to be answered waits no longer. */
const PATIENCE_MS = 3_000;

type LiveKind = Exclude<Wants["kind"], "these" | "files" | "nothing">;

/** Names of the cluster that the line names. Rejects when it does not answer. */
export async function liveCandidates(kind: LiveKind, line: TypedLine): Promise<readonly Candidate[]> {
  const [kubeconfig, context] = [line.values.get("kubeconfig"), line.values.get("context")];
  const cluster = await connect({
    ...(kubeconfig && { kubeconfig }),
    ...(context && { context }),
    variables: process.env,
    requestTimeoutMs: PATIENCE_MS,
  });
  try {
    return await READ[kind](cluster, line);
  } finally {
    await cluster.close();
  }
}

const READ: Readonly<Record<LiveKind, (cluster: KubeApi, line: TypedLine) => Promise<readonly Candidate[]>>> = {
  sidecarSets: async (cluster) => named((await cluster.list(SIDECAR_SETS)).items),
  namespaces: async (cluster) => named((await cluster.list(NAMESPACES)).items),
  pods: async (cluster, { values }) =>
    named((await cluster.list(PODS, { namespace: values.get("namespace") ?? cluster.namespace })).items),
  revisions,
  images,
};

function named(items: readonly KubeObject[]): readonly Candidate[] {
  return items.map(({ metadata }) => ({ text: metadata.name ?? "", description: "" }));
}

async function revisions(cluster: KubeApi, { positionals, values }: TypedLine): Promise<readonly Candidate[]> {
  const { items } = await cluster.list<ControllerRevision>(CONTROLLER_REVISIONS, {
    namespace: values.get("systemNamespace") ?? DEFAULT_SYSTEM_NAMESPACE,
    labelSelector: `${SIDECAR_SET_NAME_LABEL}=${positionals[0] ?? ""}`,
  });
  return items
    .toSorted((one, other) => other.revision - one.revision)
    .map(({ revision, metadata }) => ({ text: String(revision), description: metadata.name ?? "" }));
}

/** `logtail=`, to go on with the image. */
async function images(cluster: KubeApi, { positionals }: TypedLine): Promise<readonly Candidate[]> {
  const set = await cluster.get(SIDECAR_SETS, { name: positionals[0] ?? "" });
  const { spec } = set as KubeObject & { readonly spec?: Readonly<Record<string, unknown>> };
  const sidecars = SIDECAR_LISTS.flatMap((list) => (spec?.[list] ?? []) as readonly unknown[]).filter(isJsonObject);
  return sidecars.map(({ name, image }) => ({ text: `${name}=`, description: `now ${image}` }));
}
