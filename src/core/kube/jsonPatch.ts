import type { Json } from "./object.ts";

/** RFC 6902. Paths are JSON pointers; build them with {@link jsonPointer}. */
export type JsonPatchOperation =
  | { readonly op: "add" | "replace" | "test"; readonly path: string; readonly value: Json }
  | { readonly op: "remove"; readonly path: string }
  | { readonly op: "move" | "copy"; readonly path: string; readonly from: string };
export type JsonPatch = readonly JsonPatchOperation[];
