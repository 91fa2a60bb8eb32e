import type { PatchPodMetadata, SidecarSet } from "../sidecarSet.ts";

/** A key that a set writes to its pods. */
export interface PatchedKey {
  readonly map: "annotations" | "labels";
  readonly key: string;
  readonly text: string;
  readonly policy: PatchPodMetadata["patchPolicy"];
  readonly field: string;
}

export function patchedKeys({ spec }: SidecarSet): readonly PatchedKey[] {
  return spec.patchPodMetadata.flatMap((entry, index) =>
    (["annotations", "labels"] as const).flatMap((map) =>
      Object.entries(entry[map]).map(([key, text]) => ({
        map,
        key,
        text,
        policy: entry.patchPolicy,
        field: `spec.patchPodMetadata[${index}].${map}[${key}]`,
      })),
    ),
  );
}
