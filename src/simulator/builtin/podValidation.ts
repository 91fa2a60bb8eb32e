import { dnsLabelProblem } from "../../core/kube/labelSyntax.ts";
import type { Container, Pod, PodSpec } from "../../core/kube/pod.ts";
import { parseQuantity } from "../../core/kube/quantity.ts";
import type { FieldError } from "../../core/result.ts";
import { isRecord } from "../apiObject.ts";

/** What a real API server refuses in a pod; the fields this server does not know are not judged. */
export function podErrors(pod: Pod): FieldError[] {
  return podSpecErrors(pod.spec, "spec");
}

/** @param field where the spec stands: `spec`, or `spec.template.spec` */
export function podSpecErrors(spec: PodSpec, field: string): FieldError[] {
  const inits = spec.initContainers ?? [];
  return [
    ...volumeErrors(spec, `${field}.volumes`),
    ...(spec.containers.length === 0 ? [required(`${field}.containers`)] : []),
    ...listErrors(spec.containers, spec, `${field}.containers`, []),
    ...listErrors(inits, spec, `${field}.initContainers`, spec.containers),
    ...inits.flatMap((container, index) => initErrors(container, `${field}.initContainers[${index}]`)),
    ...oneOf(spec.restartPolicy, ["Always", "OnFailure", "Never"], `${field}.restartPolicy`),
    ...oneOf(spec.dnsPolicy, ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"], `${field}.dnsPolicy`),
    ...deadlineErrors(spec.activeDeadlineSeconds, `${field}.activeDeadlineSeconds`),
  ];
}

type ContainerCheck = (container: Container, field: string) => FieldError[];

/** The checks of one container; `image` is used on its own where an update may change nothing else. */
export const containerErrors: { readonly image: ContainerCheck } = {
  image({ image = "" }, field) {
    if (image === "") return [required(`${field}.image`)];
    const detail = "must not have leading or trailing whitespace";
    return image.trim() === image ? [] : [{ field: `${field}.image`, type: "FieldValueInvalid", value: image, detail }];
  },
};

function listErrors(
  containers: readonly Container[],
  spec: PodSpec,
  field: string,
  others: readonly Container[],
): FieldError[] {
  const taken = new Set(others.map(({ name }) => name));
  return containers.flatMap((container, index) => {
    const path = `${field}[${index}]`;
    const errors = [
      ...nameErrors(container.name, path),
      ...containerErrors.image(container, path),
      ...portErrors(container, `${path}.ports`),
      ...envErrors(container, `${path}.env`),
      ...mountErrors(container, spec, `${path}.volumeMounts`),
      ...oneOf(container.imagePullPolicy, ["Always", "IfNotPresent", "Never"], `${path}.imagePullPolicy`),
      ...oneOf(
        container.terminationMessagePolicy,
        ["File", "FallbackToLogsOnError"],
        `${path}.terminationMessagePolicy`,
      ),
      ...resourceErrors(container, `${path}.resources`),
      ...duplicateErrors(container.name, path, taken),
    ];
    taken.add(container.name);
    return errors;
  });
}

const LABEL_MESSAGE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

function nameErrors(name: string | undefined, path: string): FieldError[] {
  const field = `${path}.name`;
  if (name === undefined || name === "") return [required(field)];
  if (dnsLabelProblem(name) === undefined) return [];
  const detail = name.length > 63 ? "must be no more than 63 bytes" : LABEL_MESSAGE;
  return [{ field, type: "FieldValueInvalid", value: name, detail }];
}

function duplicateErrors(name: string, path: string, taken: ReadonlySet<string>): FieldError[] {
  return taken.has(name) ? [{ field: `${path}.name`, type: "FieldValueDuplicate", value: name, detail: "" }] : [];
}

function volumeErrors(spec: PodSpec, field: string): FieldError[] {
  const taken = new Set<string>();
  return (spec.volumes ?? []).flatMap((volume, index) => {
    const path = `${field}[${index}]`;
    const errors = [...nameErrors(volume.name, path), ...duplicateErrors(volume.name, path, taken)];
    taken.add(volume.name);
    const sources = Object.keys(volume).filter((key) => key !== "name");
    if (sources.length <= 1) return errors;
    const detail = "may not specify more than 1 volume type";
    return [...errors, { field: `${field}[${index}].${sources[1]}`, type: "FieldValueForbidden", detail } as const];
  });
}

function mountErrors(container: Container, spec: PodSpec, field: string): FieldError[] {
  const volumes = new Set((spec.volumes ?? []).map(({ name }) => name));
  const paths = new Set<string>();
  return (container.volumeMounts ?? []).flatMap((mount, index): FieldError[] => {
    const path = `${field}[${index}]`;
    const errors: FieldError[] = [];
    if (!mount.name) errors.push(required(`${path}.name`));
    else if (!volumes.has(mount.name)) {
      errors.push({ field: `${path}.name`, type: "FieldValueNotFound", value: mount.name, detail: "" });
    }
    if (!mount.mountPath) errors.push(required(`${path}.mountPath`));
    else if (paths.has(mount.mountPath)) {
      const detail = "must be unique";
      errors.push({ field: `${path}.mountPath`, type: "FieldValueInvalid", value: mount.mountPath, detail });
    }
    paths.add(mount.mountPath);
    return errors;
  });
}

function envErrors(container: Container, field: string): FieldError[] {
  return (container.env ?? []).flatMap(({ name, value, valueFrom }, index): FieldError[] => {
    if (!name) return [required(`${field}[${index}].name`)];
    if (valueFrom === undefined || valueFrom === null || (value ?? "") === "") return [];
    const detail = "may not be specified when `value` is not empty";
    return [{ field: `${field}[${index}].valueFrom`, type: "FieldValueInvalid", value: "", detail }];
  });
}

function portErrors(container: Container, field: string): FieldError[] {
  const ports = (container.ports as readonly Readonly<Record<string, unknown>>[] | undefined) ?? [];
  return ports.flatMap(({ containerPort, protocol }, index): FieldError[] => {
    const path = `${field}[${index}]`;
    const errors = oneOf(protocol, ["SCTP", "TCP", "UDP"], `${path}.protocol`);
    if (containerPort === undefined || containerPort === 0) return [...errors, required(`${path}.containerPort`)];
    if (typeof containerPort === "number" && containerPort >= 1 && containerPort <= 65535) return errors;
    const detail = "must be between 1 and 65535, inclusive";
    return [...errors, { field: `${path}.containerPort`, type: "FieldValueInvalid", value: containerPort, detail }];
  });
}

function resourceErrors(container: Container, field: string): FieldError[] {
  const limits = isRecord(container.resources?.limits) ? container.resources.limits : {};
  const requests = isRecord(container.resources?.requests) ? container.resources.requests : {};
  return Object.entries(requests).flatMap(([name, request]): FieldError[] => {
    const limit = limits[name];
    if (limit === undefined) return [];
    const [asked, most] = [parseQuantity(String(request)), parseQuantity(String(limit))];
    if (!asked.ok || !most.ok || asked.value.nanos <= most.value.nanos) return [];
    const detail = `must be less than or equal to ${name} limit of ${String(limit)}`;
    return [{ field: `${field}.requests`, type: "FieldValueInvalid", value: request, detail }];
  });
}

const ONLY_FOR_SIDECARS = ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"];

function initErrors(container: Container, path: string): FieldError[] {
  if (container.restartPolicy === "Always") return [];
  const detail = "may not be set for init containers without restartPolicy=Always";
  return ONLY_FOR_SIDECARS.filter((name) => container[name] !== undefined && container[name] !== null).map((name) => ({
    field: `${path}.${name}`,
    type: "FieldValueForbidden",
    detail,
  }));
}

const LONGEST_DEADLINE = 2 ** 31 - 1;

function deadlineErrors(seconds: unknown, field: string): FieldError[] {
  if (typeof seconds !== "number" || (seconds >= 1 && seconds <= LONGEST_DEADLINE)) return [];
  const detail = `must be between 1 and ${LONGEST_DEADLINE}, inclusive`;
  return [{ field, type: "FieldValueInvalid", value: seconds, detail }];
}

function oneOf(value: unknown, allowed: readonly string[], field: string): FieldError[] {
  if (value === undefined || allowed.includes(String(value))) return [];
  const detail = `supported values: ${allowed.map((name) => JSON.stringify(name)).join(", ")}`;
  return [{ field, type: "FieldValueNotSupported", value, detail }];
}

function required(field: string): FieldError {
  return { field, type: "FieldValueRequired", detail: "" };
}
