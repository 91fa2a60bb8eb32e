import type { FieldError } from "../../result.ts";
import { duplicate, duplicates, forbidden, invalid, invalidIf, oneOf, required } from "../fieldErrors.ts";
import { dnsLabelProblem } from "../labelSyntax.ts";
import type { Volume } from "../pod.ts";
import { VOLUME_SOURCES } from "../volumeShape.ts";
import {
  dataKeyProblem,
  type FieldRef,
  fieldRefErrors,
  type ResourceFieldRef,
  resourceFieldRefErrors,
  VOLUME_FIELDS,
} from "./env.ts";
import { localPathProblem, stepsBack } from "./mounts.ts";

export function volumesErrors(volumes: readonly Volume[], path: string): FieldError[] {
  return [
    ...volumes.flatMap((volume, index) => [
      ...(volume.name
        ? invalidIf(dnsLabelProblem(volume.name), `${path}[${index}].name`, volume.name)
        : required(`${path}[${index}].name`, "a volume needs a name")),
      ...sourceErrors(volume, `${path}[${index}]`),
    ]),
    ...duplicates(volumes, ({ name }) => name).flatMap((index) =>
      duplicate(`${path}[${index}].name`, volumes[index]!.name, "another volume has this name"),
    ),
  ];
}

function sourceErrors(volume: Volume, path: string): FieldError[] {
  const given = SOURCES_IN_ORDER.filter((source) => volume[source] !== undefined);
  return given.flatMap((source, index) =>
    index > 0
      ? forbidden(`${path}.${source}`, `only one source may be given, and there is ${given[0]} already`)
      : (SOURCES[source]?.(volume[source] as never, `${path}.${source}`) ?? []),
  );
}

/** Of two sources Kubernetes complains about the later one in this order. */
const SOURCES_IN_ORDER = ["emptyDir", ...VOLUME_SOURCES.filter((source) => source !== "emptyDir")];

interface Item {
  readonly key?: string;
  readonly path?: string;
  readonly mode?: number;
}
interface DownwardItem extends Item {
  readonly fieldRef?: FieldRef;
  readonly resourceFieldRef?: ResourceFieldRef;
}
interface Projection {
  readonly secret?: { readonly name?: string; readonly items?: readonly Item[] };
  readonly configMap?: { readonly name?: string; readonly items?: readonly Item[] };
  readonly downwardAPI?: { readonly items?: readonly DownwardItem[] };
  readonly serviceAccountToken?: { readonly path?: string; readonly expirationSeconds?: number };
  readonly clusterTrustBundle?: { readonly path?: string };
}
interface Files {
  readonly items?: readonly DownwardItem[];
  readonly defaultMode?: number;
}

const HOST_PATH_TYPES = [
  "",
  "DirectoryOrCreate",
  "Directory",
  "FileOrCreate",
  "File",
  "Socket",
  "CharDevice",
  "BlockDevice",
];

/** The sources that sidecars use; the rarer ones are left to the API server, which sees every pod. */
const SOURCES: Readonly<Record<string, (source: never, path: string) => FieldError[]>> = {
  hostPath: (source: { path?: string; type?: string }, path) => [
    ...(source.path
      ? invalidIf(stepsBack(source.path), `${path}.path`, source.path)
      : required(`${path}.path`, "give a path")),
    ...oneOf(source.type, HOST_PATH_TYPES, `${path}.type`),
  ],
  secret: (source: Files & { secretName?: string }, path) => [
    ...named(source.secretName, `${path}.secretName`),
    ...filesErrors(source, path),
  ],
  configMap: (source: Files & { name?: string }, path) => [
    ...named(source.name, `${path}.name`),
    ...filesErrors(source, path),
  ],
  persistentVolumeClaim: (source: { claimName?: string }, path) => named(source.claimName, `${path}.claimName`),
  nfs: (source: { server?: string; path?: string }, path) => [
    ...named(source.server, `${path}.server`),
    ...(source.path?.startsWith("/") ? [] : invalid(`${path}.path`, source.path ?? "", "must be an absolute path")),
  ],
  csi: (source: { driver?: string }, path) => named(source.driver, `${path}.driver`),
  downwardAPI: (source: Files, path) => [
    ...modeErrors(source.defaultMode, `${path}.defaultMode`),
    ...(source.items ?? []).flatMap((item, index) => downwardItemErrors(item, `${path}.items[${index}]`)),
  ],
  projected: (source: { sources?: readonly Projection[]; defaultMode?: number }, path) => [
    ...modeErrors(source.defaultMode, `${path}.defaultMode`),
    ...(source.sources ?? []).flatMap((projection, index) => projectionErrors(projection, `${path}.sources[${index}]`)),
  ],
};

function projectionErrors(projection: Projection, path: string): FieldError[] {
  const { secret, configMap, downwardAPI, serviceAccountToken: token, clusterTrustBundle: bundle } = projection;
  const count = Object.values(projection).filter((source) => source !== undefined).length;
  return [
    ...(count > 1 ? forbidden(path, "only one source may be given in one entry") : []),
    ...(count === 0 ? required(path, "give a source") : []),
    ...(secret ? [...named(secret.name, `${path}.secret.name`), ...filesErrors(secret, `${path}.secret`)] : []),
    ...(configMap
      ? [...named(configMap.name, `${path}.configMap.name`), ...filesErrors(configMap, `${path}.configMap`)]
      : []),
    ...(downwardAPI?.items ?? []).flatMap((item, index) =>
      downwardItemErrors(item, `${path}.downwardAPI.items[${index}]`),
    ),
    ...(token ? pathErrors(token.path, `${path}.serviceAccountToken.path`) : []),
    ...(token?.expirationSeconds !== undefined && token.expirationSeconds < 600
      ? invalid(`${path}.serviceAccountToken.expirationSeconds`, token.expirationSeconds, "must be at least 600")
      : []),
    ...(bundle ? pathErrors(bundle.path, `${path}.clusterTrustBundle.path`) : []),
  ];
}

function filesErrors({ items = [], defaultMode }: Files, path: string): FieldError[] {
  return [
    ...modeErrors(defaultMode, `${path}.defaultMode`),
    ...items.flatMap((item, index) => [
      ...(item.key
        ? invalidIf(dataKeyProblem(item.key), `${path}.items[${index}].key`, item.key)
        : required(`${path}.items[${index}].key`, "name a key")),
      ...pathErrors(item.path, `${path}.items[${index}].path`),
      ...modeErrors(item.mode, `${path}.items[${index}].mode`),
    ]),
  ];
}

function downwardItemErrors(
  { path: file, fieldRef, resourceFieldRef, mode }: DownwardItem,
  path: string,
): FieldError[] {
  return [
    ...pathErrors(file, `${path}.path`),
    ...(fieldRef ? fieldRefErrors(fieldRef, VOLUME_FIELDS, `${path}.fieldRef`) : []),
    ...(fieldRef && resourceFieldRef ? invalid(path, "resource", "give either fieldRef or resourceFieldRef") : []),
    ...(fieldRef || resourceFieldRef ? [] : required(path, "give a fieldRef or a resourceFieldRef")),
    ...(resourceFieldRef ? resourceFieldRefErrors(resourceFieldRef, `${path}.resourceFieldRef`) : []),
    ...(resourceFieldRef && !resourceFieldRef.containerName
      ? required(`${path}.resourceFieldRef.containerName`, "say whose resources are meant")
      : []),
    ...modeErrors(mode, `${path}.mode`),
  ];
}

function named(name: string | undefined, path: string): FieldError[] {
  return name ? [] : required(path, "must not be empty");
}

function pathErrors(file: string | undefined, path: string): FieldError[] {
  return file ? invalidIf(localPathProblem(file), path, file) : required(path, "give a relative path");
}

function modeErrors(mode: number | undefined, path: string): FieldError[] {
  return mode === undefined || (mode >= 0 && mode <= 0o777)
    ? []
    : invalid(path, mode, "must be between 0 and 511 (octal 0777)");
}
