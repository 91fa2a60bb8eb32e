import { jsonEqual } from "../kube/jsonPatch.ts";
import type { Json } from "../kube/object.ts";
import type { Container, EnvVar, VolumeMount } from "../kube/pod.ts";
import { oncePer } from "../oncePer.ts";
import { finderByName } from "./finderByName.ts";
import { pathVariableNames, sharingContainers } from "./sharedMounts.ts";
import type { SourcePod } from "./sourcePod.ts";
import { takenOverVariable } from "./takenOverVariable.ts";

// Values are taken over as they are written, because sidecars in the field have always got them so; what they refer to may be lost.

/**
 * Variables taken over whose value refers to one that the sidecar lacks, or has only behind them: there `$(NAME)` stays literal text.
 * @param own how many variables of the container, from the first, are the sidecar's own
 */
export function lostReferences(container: Container, own: number, pod: SourcePod): readonly string[] {
  const { env = [] } = container;
  if (env.length === own || hasEnvFrom(container) || !env.some(({ value }) => value?.includes("$("))) return [];
  const names = new Set(env.map(({ name }) => name));
  const before = new Set(env.slice(0, own).map(({ name }) => name));
  const lost: string[] = [];
  for (const variable of env.slice(own)) {
    for (const reference of references(variable.value ?? "")) {
      if (before.has(reference)) continue;
      const source = sourceOf(variable, pod);
      const isBehind = names.has(reference);
      if (isBehind ? !isDefinedBefore(reference, variable, source) : isOfService(reference, source)) continue;
      lost.push(
        `variable ${variable.name}, which sidecar ${container.name} takes over from container ${source?.name ?? ""}, refers ` +
          `to $(${reference}), which the sidecar ${isBehind ? "has only behind it" : "does not have"}: the text stays as it is`,
      );
    }
    before.add(variable.name);
  }
  return withinReason(lost);
}

/** The API server cuts what is longer than a few thousand characters. */
function withinReason(warnings: readonly string[]): readonly string[] {
  if (warnings.length <= MOST) return warnings;
  return [...warnings.slice(0, MOST), `and ${warnings.length - MOST} more variables refer to what is not there`];
}

const MOST = 5;

/** Shared mounts whose `subPathExpr` becomes another path in the sidecar, because it has a variable of that name already. */
export function changedPaths(container: Container, shared: readonly VolumeMount[], pod: SourcePod): readonly string[] {
  if (!shared.some(({ subPathExpr }) => subPathExpr)) return [];
  const mounted = new Set(container.volumeMounts);
  return sharingContainers(pod).flatMap((source) =>
    (source.volumeMounts ?? [])
      .filter((mount) => mounted.has(mount))
      .flatMap((mount) =>
        pathVariableNames(mount)
          .filter((name) => meansOther(name, source, container))
          .map(
            (name) =>
              `volume mount ${mount.mountPath}, which sidecar ${container.name} shares with container ${source.name}, ` +
              `is another directory there: its subPathExpr refers to $(${name}), which the sidecar has with another value`,
          ),
      ),
  );
}

function meansOther(name: string, source: Container, sidecar: Container): boolean {
  const theirs = finderByName(source.env ?? [], "last", 1)(name);
  const ours = finderByName(sidecar.env ?? [], "last", 1)(name);
  if (theirs === undefined || ours === undefined) return false;
  return !jsonEqual(takenOverVariable(theirs, source) as unknown as Json, ours as unknown as Json);
}

/** `$$` stands for one `$`, also before a parenthesis. */
function references(value: string): readonly string[] {
  return [...value.matchAll(/\$(?:\$|\(([^)]*)\))/g)].flatMap(([, name]) => name ?? []);
}

function sourceOf(variable: EnvVar, pod: SourcePod): Container | undefined {
  return pod.containers.find((source) => positionsOf(source).ofVariables.has(variable));
}

/** Whether the reference means a variable where it comes from; one that stands behind is literal text there too. */
function isDefinedBefore(reference: string, variable: EnvVar, source: Container | undefined): boolean {
  if (source === undefined) return false;
  const { ofNames, ofVariables } = positionsOf(source);
  return (ofNames.get(reference) ?? Number.POSITIVE_INFINITY) < (ofVariables.get(variable) ?? 0);
}

interface Positions {
  /** By the first variable of each name. */
  readonly ofNames: ReadonlyMap<string, number>;
  readonly ofVariables: ReadonlyMap<EnvVar, number>;
}

/** Only those who have lost something look at them, but they may be many. */
const positionsOf = oncePer((source: Container): Positions => {
  const ofNames = new Map<string, number>();
  const ofVariables = new Map<EnvVar, number>();
  for (const [position, variable] of (source.env ?? []).entries()) {
    if (!ofNames.has(variable.name)) ofNames.set(variable.name, position);
    ofVariables.set(takenOverVariable(variable, source), position);
  }
  return { ofNames, ofVariables };
});

/** Every container of a namespace gets the addresses of its services; nothing is lost. */
function isOfService(reference: string, source: Container | undefined): boolean {
  return SERVICE_VARIABLE.test(reference) && !(source && positionsOf(source).ofNames.has(reference));
}

const SERVICE_VARIABLE = /^[A-Z][A-Z0-9_]*_(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT(?:_[0-9]+_[A-Z0-9_]+)?)$/;

/** What such sources hold is not known here. */
function hasEnvFrom({ envFrom }: Container): boolean {
  return Array.isArray(envFrom) && envFrom.length > 0;
}
