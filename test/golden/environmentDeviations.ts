import { matchSidecarSets } from "../../src/core/injection/matchSidecarSets.ts";
import { sharedMounts } from "../../src/core/injection/sharedMounts.ts";
import type { SourcePod } from "../../src/core/injection/sourcePod.ts";
import { transferredEnv } from "../../src/core/injection/transferEnv.ts";
import type { JsonObject, Namespace } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { parseSidecarSet } from "../../src/core/sidecarSet/parseSidecarSet.ts";
import type { Deviation } from "./deviations.ts";

/** Variables that sidecars take over from other containers. */
export const ENVIRONMENT_DEVIATIONS: readonly Deviation[] = [
  {
    id: "resources-of-the-source",
    corpora: ["injection"],
    rule: "a variable taken over that tells a resource of its container keeps telling it: the container's name is filled in",
    concerns: (input) => takesOverUnnamedResource(input as unknown as RecordedInjection),
    unrecorded: true,
  },
];

interface RecordedInjection {
  readonly pod: Pod;
  readonly requestNamespace: string;
  readonly namespaces: readonly Namespace[];
  readonly sidecarSets: readonly JsonObject[];
}

function takesOverUnnamedResource({ pod, requestNamespace, namespaces, sidecarSets }: RecordedInjection): boolean {
  const namespace = pod.metadata.namespace || requestNamespace;
  const namespaceLabels = namespaces.find(({ metadata }) => metadata.name === namespace)?.metadata.labels;
  const sets = sidecarSets.flatMap((raw) => {
    const parsed = parseSidecarSet(raw);
    return parsed.ok ? [parsed.value] : [];
  });
  const source = sourceOf(pod);
  const known = new Set(pod.spec.containers.flatMap(({ env }) => env ?? []));
  const { selected } = matchSidecarSets(sets, { ...source, namespace, namespaceLabels });
  return selected
    .flatMap(({ spec }) => [...(spec.initContainers ?? []), ...(spec.containers ?? [])])
    .some((sidecar) => {
      const own = new Set((sidecar.env ?? []).map(({ name }) => name));
      const taken = [...transferredEnv(sidecar, source), ...sharedMounts(sidecar, source).env];
      return taken.some((variable) => !known.has(variable) && !own.has(variable.name));
    });
}

function sourceOf({ metadata, spec }: Pod): SourcePod {
  const { labels = {}, annotations = {} } = metadata;
  return { containers: spec.containers, initContainers: spec.initContainers ?? [], labels, annotations };
}
