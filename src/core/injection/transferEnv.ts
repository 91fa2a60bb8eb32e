import { compareUtf8 } from "../kube/goJson.ts";
import { qualifiedNameProblem } from "../kube/labelSyntax.ts";
import type { EnvVar } from "../kube/pod.ts";
import { oncePer } from "../oncePer.ts";
import type { SidecarContainer, TransferEnv } from "../sidecarSet/sidecarSet.ts";
import { finderByName } from "./finderByName.ts";
import type { SourcePod } from "./sourcePod.ts";
import { takenOverVariable } from "./takenOverVariable.ts";

/**
 * The variables a sidecar takes over from other containers, with the same meaning. What a source does not have is left out; a variable
 * that a container has twice counts with its last value.
 */
export function transferredEnv(sidecar: SidecarContainer, pod: SourcePod): readonly EnvVar[] {
  const transferred: EnvVar[] = [];
  for (const transfer of sidecar.transferEnv ?? []) {
    const wanted = sourceName(transfer, pod);
    const source = pod.containers.find(({ name }) => name === wanted);
    if (!source?.env) continue;
    const names = namesOf(transfer);
    const find = finderByName(source.env, "last", names.length);
    for (const name of names) {
      const variable = find(name);
      if (variable) transferred.push(takenOverVariable(variable, source));
    }
  }
  return transferred;
}

const namesOf = oncePer(({ envName, envNames = [] }: TransferEnv): readonly string[] =>
  [...new Set(envName ? [envName, ...envNames] : envNames)].sort(compareUtf8),
);

const MAP_KEY = /^metadata\.(annotations|labels)\['(.*)'\]$/s;

/** @returns undefined when the field path is none that names a container */
function sourceName({ sourceContainerName, sourceContainerNameFrom }: TransferEnv, pod: SourcePod): string | undefined {
  const path = sourceContainerNameFrom?.fieldRef?.fieldPath;
  if (path === undefined) return sourceContainerName;
  const [, map, key] = MAP_KEY.exec(path) ?? [];
  if (key === undefined) return undefined;
  if (map === "labels") return qualifiedNameProblem(key) === undefined ? pod.labels[key] : undefined;
  return qualifiedNameProblem(key.toLowerCase()) === undefined ? pod.annotations[key] : undefined;
}
