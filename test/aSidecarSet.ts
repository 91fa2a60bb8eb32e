import { parseSidecarSet } from "../src/core/sidecarSet/parseSidecarSet.ts";
import type { SidecarSet } from "../src/core/sidecarSet/sidecarSet.ts";

/** The set `logging` as stored, with its sidecar `logtail` at revision "new"; `spec` is laid over it. */
export function aSidecarSetObject(spec: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}) {
  return {
    apiVersion: "apps.kruise.io/v1beta1",
    kind: "SidecarSet",
    metadata: {
      name: "logging",
      uid: "uid-logging",
      resourceVersion: "100",
      generation: 1,
      annotations: { "kruise.io/sidecarset-hash": "new", "kruise.io/sidecarset-hash-without-image": "same" },
      ...metadata,
    },
    spec: {
      selector: { matchLabels: { app: "web" } },
      containers: [{ name: "logtail", image: "logtail:2" }],
      ...spec,
    },
  };
}

export function aSidecarSet(spec: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}): SidecarSet {
  const parsed = parseSidecarSet(aSidecarSetObject(spec, metadata));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}
