import type { FieldError } from "../../result.ts";
import { invalid, invalidIf, notSupported, required } from "../fieldErrors.ts";
import { dnsSubdomainProblem, qualifiedNameProblem } from "../labelSyntax.ts";

export interface CheckedEnvVar {
  readonly name?: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: FieldRef;
    readonly resourceFieldRef?: ResourceFieldRef;
    readonly configMapKeyRef?: KeyRef;
    readonly secretKeyRef?: KeyRef;
  };
}

export interface CheckedEnvSource {
  readonly prefix?: string;
  readonly configMapRef?: { readonly name?: string };
  readonly secretRef?: { readonly name?: string };
}

export interface FieldRef {
  readonly apiVersion?: string;
  readonly fieldPath?: string;
}

export interface ResourceFieldRef {
  readonly containerName?: string;
  readonly resource?: string;
}

interface KeyRef {
  readonly name?: string;
  readonly key?: string;
}

export function envErrors(env: readonly CheckedEnvVar[], path: string): FieldError[] {
  return env.flatMap(({ name = "", value, valueFrom }, index) => [
    ...(name === "" ? required(`${path}[${index}].name`, "a variable needs a name") : []),
    ...(name !== "" ? invalidIf(envNameProblem(name), `${path}[${index}].name`, name) : []),
    ...(valueFrom ? valueFromErrors(valueFrom, value, `${path}[${index}].valueFrom`) : []),
  ]);
}

export function envFromErrors(sources: readonly CheckedEnvSource[], path: string): FieldError[] {
  return sources.flatMap(({ prefix = "", configMapRef, secretRef }, index) => {
    const refs = Object.entries({ configMapRef, secretRef }).filter(([, ref]) => ref !== undefined);
    return [
      ...(prefix === "" ? [] : invalidIf(envNameProblem(prefix), `${path}[${index}].prefix`, prefix)),
      ...(refs.length === 0 ? invalid(path, "", `entry ${index}: give a configMapRef or a secretRef`) : []),
      ...(refs.length > 1 ? invalid(path, "", `entry ${index}: give either a configMapRef or a secretRef`) : []),
      ...refs.flatMap(([kind, ref]) => nameErrors(ref?.name, `${path}[${index}].${kind}.name`)),
    ];
  });
}

function valueFromErrors(
  valueFrom: NonNullable<CheckedEnvVar["valueFrom"]>,
  value: string | undefined,
  path: string,
): FieldError[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef].filter((source) => source !== undefined);
  const given =
    sources.length === 0
      ? invalid(path, "", "name one source: fieldRef, resourceFieldRef, configMapKeyRef or secretKeyRef")
      : sources.length > 1
        ? invalid(path, "", "only one source may be named")
        : value
          ? invalid(path, "", "a variable has either a value or a valueFrom")
          : [];
  return [
    ...given,
    ...(fieldRef ? fieldRefErrors(fieldRef, ENV_FIELDS, `${path}.fieldRef`) : []),
    ...(resourceFieldRef ? resourceFieldRefErrors(resourceFieldRef, `${path}.resourceFieldRef`) : []),
    ...(configMapKeyRef ? keyRefErrors(configMapKeyRef, `${path}.configMapKeyRef`) : []),
    ...(secretKeyRef ? keyRefErrors(secretKeyRef, `${path}.secretKeyRef`) : []),
  ];
}

const METADATA_FIELDS = ["metadata.name", "metadata.namespace", "metadata.uid"];
const ENV_FIELDS = [
  ...METADATA_FIELDS,
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];
/** What a downward API volume can show. */
export const VOLUME_FIELDS = [...METADATA_FIELDS, "metadata.labels", "metadata.annotations"];

export function fieldRefErrors(
  { apiVersion = "", fieldPath = "" }: FieldRef,
  supported: readonly string[],
  path: string,
): FieldError[] {
  if (apiVersion === "") return required(`${path}.apiVersion`, "v1 is expected");
  if (fieldPath === "") return required(`${path}.fieldPath`, "name a field of the pod");
  if (apiVersion !== "v1") return invalid(`${path}.fieldPath`, fieldPath, `there is no pod version ${apiVersion}`);
  const key = subscriptOf(fieldPath);
  if (key !== undefined) return invalidIf(subscriptProblem(key), path, key.key);
  if (supported.includes(fieldPath)) return [];
  const known = KNOWN_FIELDS.includes(fieldPath);
  return known
    ? notSupported(`${path}.fieldPath`, fieldPath, supported)
    : invalid(`${path}.fieldPath`, fieldPath, `no such field; supported: ${supported.join(", ")}`);
}

const KNOWN_FIELDS = [...ENV_FIELDS, "metadata.labels", "metadata.annotations"];

interface Subscript {
  readonly map: "labels" | "annotations";
  readonly key: string;
}

/** `metadata.labels['key']`, `metadata.annotations['key']`. */
export function subscriptOf(fieldPath: string): Subscript | undefined {
  const groups = /^metadata\.(?<map>labels|annotations)\['(?<key>.*)'\]$/.exec(fieldPath)?.groups;
  return groups as Subscript | undefined;
}

/** Annotation keys may be in upper case. */
export function subscriptProblem({ map, key }: Subscript): string | undefined {
  return qualifiedNameProblem(map === "annotations" ? key.toLowerCase() : key);
}

export function resourceFieldRefErrors({ resource = "" }: ResourceFieldRef, path: string): FieldError[] {
  if (resource === "") return required(`${path}.resource`, "name a resource, such as limits.cpu");
  if (/^(limits|requests)\.hugepages-/.test(resource)) return [];
  return RESOURCE_FIELDS.includes(resource) ? [] : notSupported(`${path}.resource`, resource, RESOURCE_FIELDS);
}

const RESOURCE_FIELDS = ["limits", "requests"].flatMap((list) =>
  ["cpu", "memory", "ephemeral-storage"].map((resource) => `${list}.${resource}`),
);

function keyRefErrors({ name, key = "" }: KeyRef, path: string): FieldError[] {
  return [
    ...nameErrors(name, `${path}.name`),
    ...(key === "" ? required(`${path}.key`, "name a key") : invalidIf(dataKeyProblem(key), `${path}.key`, key)),
  ];
}

/** Keys of ConfigMaps and Secrets. */
export function dataKeyProblem(key: string): string | undefined {
  if (key.length > 253) return "must be no more than 253 characters";
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) return "a key consists of letters, digits, '-', '_' and '.'";
  return key === "." || key.startsWith("..") ? "must be neither '.' nor begin with '..'" : undefined;
}

function nameErrors(name: string | undefined, path: string): FieldError[] {
  return name ? invalidIf(dnsSubdomainProblem(name), path, name) : required(path, "name the object");
}

/** What every supported Kubernetes accepts, which is more than names that a shell can use. */
export function envNameProblem(name: string): string | undefined {
  return /^[ -<>-~]+$/.test(name) ? undefined : "a variable name consists of printable ASCII characters other than '='";
}
