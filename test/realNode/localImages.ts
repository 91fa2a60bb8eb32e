import type { LocalImage } from "./imageArchive.ts";

/** All images there are: the node has no way out, so that any other cannot be pulled. */
export const LOCAL_IMAGES: readonly LocalImage[] = [
  { name: "pause", tag: "1", version: "1" },
  { name: "app", tag: "1", version: "1" },
  ...["1", "2", "3"].map((version) => ({ name: "sidecar", tag: version, version })),
  // Another name of the image before.
  { name: "sidecar", tag: "stable", version: "3" },
];
