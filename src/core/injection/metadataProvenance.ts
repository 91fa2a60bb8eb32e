import type { Pod } from "../kube/pod.ts";
import { type PatchedMetadata, withMetadataPatches } from "../pod/metadataPatches.ts";
import {
  HASH_ANNOTATION,
  HASH_WITHOUT_IMAGE_ANNOTATION,
  INJECTED_LIST_ANNOTATION,
  WORKING_HOT_UPGRADE_CONTAINER_ANNOTATION,
} from "../sidecarSet/annotations.ts";
import type { Addition } from "./addition.ts";
import type { InjectionWorkings } from "./injection.ts";

type MapName = "annotations" | "labels";

/** The annotations and labels that a pod got, with the entries of `patchPodMetadata` that wrote them or the record that they are. */
export function metadataProvenance(before: Pod, after: Pod, workings: InjectionWorkings): readonly Addition[] {
  const writers = patchingEntries(before, workings);
  const records = ourRecords(workings);
  return (["labels", "annotations"] as const).flatMap((map) => {
    const had = before.metadata[map] ?? {};
    const changed = Object.entries(after.metadata[map] ?? {}).filter(([key, value]) => had[key] !== value);
    return changed.map(([key, value]): Addition => {
      const record = map === "annotations" ? records.get(key) : undefined;
      return {
        change: Object.hasOwn(had, key) ? "replaced" : "added",
        kind: map === "annotations" ? "annotation" : "label",
        path: `metadata.${map}[${key}]`,
        name: key,
        value,
        ...(record ?? writtenBy(writers.filter((writer) => writer.map === map && writer.key === key))),
      };
    });
  });
}

type Source = Pick<Addition, "sidecarSet" | "field" | "because">;

function ourRecords({ built }: InjectionWorkings): ReadonlyMap<string, Source> {
  const ofAll = (because: string): Source => ({ sidecarSet: undefined, field: "", because });
  const versions = built.flatMap(({ revision, hotUpgradePairs }) =>
    hotUpgradePairs.flatMap(({ annotations }) =>
      Object.keys(annotations).map((key): [string, Source] => {
        return [key, { sidecarSet: revision.set.name, field: "", because: "our record: hot-upgrade version" }];
      }),
    ),
  );
  return new Map<string, Source>([
    [HASH_ANNOTATION, ofAll("our record: revisions in the pod")],
    [HASH_WITHOUT_IMAGE_ANNOTATION, ofAll("our record: revisions in the pod, without images")],
    [INJECTED_LIST_ANNOTATION, ofAll("our record: SidecarSets in the pod")],
    [WORKING_HOT_UPGRADE_CONTAINER_ANNOTATION, ofAll("our record: working halves of hot-upgrade pairs")],
    ...versions,
  ]);
}

interface Writer {
  readonly map: MapName;
  readonly key: string;
  readonly sidecarSet: string;
  readonly field: string;
  readonly policy: string;
}

/** In the order of writing. Each entry is applied on its own, by the function that injection applies them with, to see what it changes. */
function patchingEntries(pod: Pod, { built }: InjectionWorkings): readonly Writer[] {
  const writers: Writer[] = [];
  let metadata: PatchedMetadata = { annotations: pod.metadata.annotations ?? {}, labels: pod.metadata.labels ?? {} };
  for (const { set } of built.map(({ revision }) => revision)) {
    for (const [index, entry] of set.spec.patchPodMetadata.entries()) {
      const patched = withMetadataPatches(metadata, [entry]);
      if (!patched.ok) continue;
      const source = { sidecarSet: set.name, field: `spec.patchPodMetadata[${index}]`, policy: entry.patchPolicy };
      for (const map of ["annotations", "labels"] as const) {
        const keys = Object.keys(patched.value[map]).filter((key) => patched.value[map][key] !== metadata[map][key]);
        writers.push(...keys.map((key) => ({ map, key, ...source })));
      }
      metadata = patched.value;
    }
  }
  return writers;
}

/** The last one counts; those before it may have left something in the text. */
function writtenBy(writers: readonly Writer[]): Source {
  const last = writers.at(-1);
  if (last === undefined) return { sidecarSet: undefined, field: "", because: "" };
  const earlier = writers.slice(0, -1).map(({ sidecarSet, field, policy }) => `${sidecarSet} ${field} (${policy})`);
  const because = [last.policy, ...(earlier.length > 0 ? [`after ${earlier.join(", ")}`] : [])].join(", ");
  return { sidecarSet: last.sidecarSet, field: last.field, because };
}
