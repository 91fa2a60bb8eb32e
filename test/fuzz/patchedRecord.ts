import type { JsonPatch } from "../../src/core/kube/jsonPatch.ts";
import type { PodRecord } from "../../src/core/pod/podRecord.ts";

/** Whether the pod is still what a patch of an upgrade or a flip was made for. */
export function testsHold(pod: PodRecord, operations: JsonPatch): boolean {
  return operations.every((operation) => operation.op !== "test" || valueAt(pod, operation.path) === operation.value);
}

function valueAt(pod: PodRecord, path: string): string | undefined {
  const [, part = "", field = "", key = ""] = path
    .split("/")
    .map((text) => text.replaceAll("~1", "/").replaceAll("~0", "~"));
  if (part === "spec") return pod[field as "containers" | "initContainers"][Number(key)]?.image;
  if (field === "annotations" || field === "labels") return pod[field][key];
  return pod[field as "uid" | "resourceVersion"];
}
