import { jsonPointer } from "../../src/core/kube/jsonPatch.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { HASH_ANNOTATION, IN_PLACE_UPDATE_STATE_ANNOTATION } from "../../src/core/sidecarSet/annotations.ts";
import type { RawAnswer, RawClient, RawRequest } from "./apiServerClient.ts";

export type Written = "written" | "refused";

/** One way to write an upgrade so that a pod that changed in the fields it was decided from is refused, or more than those. */
export interface WriteKind {
  readonly name: string;
  /** @param known the pod as it was read before */
  write(client: RawClient, known: KubeObject, image: string): Promise<Written>;
}

const SIDECAR = "logtail";
const PROTOBUF = "application/vnd.kubernetes.protobuf, application/json";
/** About as long as the records of a pod with one sidecar. */
const RECORD = JSON.stringify({ logging: { updateTimestamp: "2026-06-10T00:00:00Z", hash: "b".repeat(52) } });

export const KINDS: readonly WriteKind[] = [
  patchKind("json patch, every value tested", "json-patch", (pod, image) => jsonPatch(pod, image, "values")),
  patchKind(
    "json patch, every value tested, answer in protobuf",
    "json-patch",
    (pod, image) => jsonPatch(pod, image, "values"),
    PROTOBUF,
  ),
  patchKind("json patch, version tested", "json-patch", (pod, image) => jsonPatch(pod, image, "version")),
  patchKind("merge patch with version", "merge-patch", mergePatch),
  patchKind("strategic merge with version", "strategic-merge-patch", strategicPatch),
  { name: "server-side apply", write: apply },
  { name: "GET and PUT", write: getAndPut },
];

function patchKind(name: string, type: string, body: (pod: Pod, image: string) => unknown, accept?: string): WriteKind {
  const contentType = `application/${type}+json`;
  return {
    name,
    write: (client, known, image) =>
      result(client, {
        method: "PATCH",
        path: `${pathOf(known)}?fieldManager=sidecarset`,
        contentType,
        body: JSON.stringify(body(known as Pod, image)),
        ...(accept === undefined ? {} : { accept }),
      }),
  };
}

function jsonPatch({ metadata, spec }: Pod, image: string, tests: "values" | "version"): unknown {
  const index = spec.containers.findIndex(({ name }) => name === SIDECAR);
  const changes = [
    [jsonPointer("spec", "containers", index, "image"), spec.containers[index]!.image, image],
    ...Object.entries(records(image)).map(([key, text]) => [
      jsonPointer("metadata", "annotations", key),
      metadata.annotations?.[key],
      text,
    ]),
  ] as const;
  const guard = tests === "values" ? ["uid", metadata.uid] : ["resourceVersion", metadata.resourceVersion];
  return [
    { op: "test", path: `/metadata/${guard[0]}`, value: guard[1] },
    ...changes.flatMap(([path, old, value]) => [
      ...(tests === "values" && old !== undefined ? [{ op: "test", path, value: old }] : []),
      { op: old === undefined ? "add" : "replace", path, value },
    ]),
  ];
}

/** A list is replaced as a whole by a merge patch: it has to hold all containers. */
function mergePatch({ metadata, spec }: Pod, image: string): unknown {
  return {
    metadata: { resourceVersion: metadata.resourceVersion, annotations: records(image) },
    spec: { containers: withImage(spec.containers, image) },
  };
}

function strategicPatch({ metadata }: Pod, image: string): unknown {
  return {
    metadata: { resourceVersion: metadata.resourceVersion, annotations: records(image) },
    spec: { containers: [{ name: SIDECAR, image }] },
  };
}

/** Forced, as whoever injected the sidecar owns its image; the version is the guard. */
function apply(client: RawClient, known: KubeObject, image: string): Promise<Written> {
  const { name, resourceVersion } = known.metadata;
  const body = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, resourceVersion, annotations: records(image) },
    spec: { containers: [{ name: SIDECAR, image }] },
  };
  const path = `${pathOf(known)}?fieldManager=sidecarset-applied&force=true`;
  return result(client, {
    method: "PATCH",
    path,
    contentType: "application/apply-patch+yaml",
    body: JSON.stringify(body),
  });
}

/** For those who do not keep whole pods. The decision's own fields are compared with what was read again. */
async function getAndPut(client: RawClient, known: KubeObject, image: string): Promise<Written> {
  const { body } = await client.send({ method: "GET", path: pathOf(known) });
  const pod = JSON.parse(body.toString("utf8")) as Pod;
  if (imageOf(pod) !== imageOf(known as Pod) || pod.metadata.uid !== known.metadata.uid) return "refused";
  const { metadata, spec } = pod;
  const changed = {
    ...pod,
    metadata: { ...metadata, annotations: { ...metadata.annotations, ...records(image) } },
    spec: { ...spec, containers: withImage(spec.containers, image) },
  };
  return result(client, { method: "PUT", path: pathOf(known), body: JSON.stringify(changed) });
}

async function result(client: RawClient, request: RawRequest): Promise<Written> {
  const { status, body } = await client.send(request);
  if (status < 300) {
    read(request, { status, body });
    return "written";
  }
  if (status === 409 || status === 422) return "refused";
  throw new Error(`${request.method}: ${status} ${body.toString("utf8").slice(0, 500)}`);
}

/** What comes back is read, as the manager does; protobuf is read sparsely there, and left alone here. */
function read({ accept }: RawRequest, { body }: RawAnswer): void {
  if (accept === undefined) JSON.parse(body.toString("utf8"));
}

function records(image: string): Readonly<Record<string, string>> {
  return { [HASH_ANNOTATION]: `${RECORD}${image}`, [IN_PLACE_UPDATE_STATE_ANNOTATION]: `${RECORD}${image}` };
}

function withImage(containers: Pod["spec"]["containers"], image: string): unknown[] {
  return containers.map((container) => (container.name === SIDECAR ? { ...container, image } : container));
}

function imageOf({ spec }: Pod): string | undefined {
  return spec.containers.find(({ name }) => name === SIDECAR)?.image;
}

function pathOf({ metadata }: KubeObject): string {
  return `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
}
