import { OBJECT_META } from "../kube/metadataShape.ts";
import { isJsonObject } from "../kube/object.ts";
import type { Pod } from "../kube/pod.ts";
import { ANY, always, listOf, mapOf, objectOf, present, type Shape, STRING, shapeErrors } from "../kube/shape.ts";
import { err, type FieldError, ok, type Result } from "../result.ts";

const CONTAINER = objectOf(
  always("name", STRING),
  present("restartPolicy", STRING),
  present("env", listOf(objectOf(always("name", STRING), present("value", STRING)))),
  present("volumeMounts", listOf(objectOf(always("mountPath", STRING), present("subPathExpr", STRING)))),
  present("volumeDevices", listOf(objectOf(always("devicePath", STRING)))),
  present("resources", objectOf(present("limits", mapOf(ANY, "resources to amounts")))),
);
const NAMED = objectOf(always("name", STRING));

/** What injection reads of a pod; whether the rest makes sense is for the API server. */
const POD: Shape = objectOf(
  always("metadata", OBJECT_META),
  always(
    "spec",
    objectOf(
      always("containers", listOf(CONTAINER)),
      present("initContainers", listOf(CONTAINER)),
      present("volumes", listOf(NAMED)),
      present("imagePullSecrets", listOf(NAMED)),
    ),
  ),
  present("status", objectOf(present("phase", STRING))),
);

/** Reads a pod as it stands in an admission request or in a file. The object itself is handed on, unknown fields and all. */
export function parsePod(raw: unknown): Result<Pod, FieldError[]> {
  if (!isJsonObject(raw)) return err([expected("", "a Pod object is expected", raw)]);
  if (raw.kind !== undefined && raw.kind !== "Pod") {
    return err([{ field: "kind", type: "FieldValueNotSupported", detail: "Pod is expected", value: raw.kind }]);
  }
  const errors = [...shapeErrors(raw, POD, "", "refused"), ...missing(raw)];
  return errors.length > 0 ? err(errors) : ok(raw as unknown as Pod);
}

function missing(raw: { readonly metadata?: unknown; readonly spec?: unknown }): FieldError[] {
  if (!isJsonObject(raw.metadata)) return [expected("metadata", "an object is expected", raw.metadata)];
  if (!isJsonObject(raw.spec)) return [expected("spec", "an object is expected", raw.spec)];
  const { containers } = raw.spec;
  if (!Array.isArray(containers)) return [expected("spec.containers", "a list of containers is expected", containers)];
  const { initContainers } = raw.spec;
  return [...nameless("spec.initContainers", initContainers), ...nameless("spec.containers", containers)];
}

function nameless(path: string, containers: unknown): FieldError[] {
  if (!Array.isArray(containers)) return [];
  return containers.flatMap((container: unknown, index) =>
    isJsonObject(container) && container.name == null
      ? [expected(`${path}[${index}].name`, "a name is expected", container.name)]
      : [],
  );
}

function expected(field: string, detail: string, value: unknown): FieldError {
  return { field, type: "FieldValueRequired", detail, value };
}
