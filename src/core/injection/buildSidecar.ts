import { keepText } from "../kube/keptText.ts";
import type { Container, EnvVar } from "../kube/pod.ts";
import { oncePer } from "../oncePer.ts";
import { INJECTED_ENV } from "../sidecarSet/annotations.ts";
import type { SidecarContainer } from "../sidecarSet/sidecarSet.ts";
import { changedPaths, lostReferences } from "./lostMeaning.ts";
import { mergeDevices, mergeMounts, sharedDevices, sharedMounts } from "./sharedMounts.ts";
import type { SourcePod } from "./sourcePod.ts";
import { transferredEnv } from "./transferEnv.ts";

/** Fields of a sidecar that speak to us and not to the kubelet. */
const OUR_FIELDS: ReadonlySet<string> = new Set([
  "podInjectPolicy",
  "upgradeStrategy",
  "shareVolumePolicy",
  "shareVolumeDevicePolicy",
  "transferEnv",
  "resourcesPolicy",
  "podOverrides",
]);

export interface BuiltSidecar {
  /** What goes into the pod, before a hot-upgrade pair is made of it. */
  readonly container: Container;
  /** What it has from other containers and does not mean the same here. */
  readonly warnings: readonly string[];
}

export function buildSidecar(sidecar: SidecarContainer, pod: SourcePod): BuiltSidecar {
  const own = ownParts(sidecar);
  const shared = sharedMounts(sidecar, pod);
  const volumeMounts = mergeMounts(sidecar, shared.mounts);
  const volumeDevices = mergeDevices(sidecar, sharedDevices(sidecar, pod), volumeMounts);
  const env = mergeEnv(own, transferredEnv(sidecar, pod), shared.env);
  // What comes after `...` in a literal makes the whole of it slow.
  const container: { -readonly [Field in keyof Container]: Container[Field] } = { ...own.fields };
  container.env = env;
  if (volumeMounts.length > 0) container.volumeMounts = volumeMounts;
  if (volumeDevices.length > 0) container.volumeDevices = volumeDevices;
  const lost = lostReferences(container, own.env.length, pod);
  const changed = changedPaths(container, shared.mounts, pod);
  return { container, warnings: changed.length === 0 ? lost : [...lost, ...changed] };
}

/** What is the same for every pod, with texts that are put together once. */
interface OwnParts {
  readonly fields: Container;
  readonly env: readonly EnvVar[];
  readonly envNames: ReadonlySet<string>;
}

const ownParts = oncePer((sidecar: SidecarContainer): OwnParts => {
  const fields = Object.entries(sidecar).filter(([field]) => !OUR_FIELDS.has(field));
  for (const [, value] of fields) if (typeof value === "object" && value !== null) keepText(value);
  const env = keepText([...(sidecar.env ?? []), INJECTED_ENV]);
  return {
    fields: Object.fromEntries(fields) as unknown as Container,
    env,
    envNames: new Set(env.map(({ name }) => name)),
  };
});

/** Own variables with our marker, also behind one of its name, then what is taken over: the first of each name, none that is own. */
function mergeEnv(own: OwnParts, ...takenOver: readonly (readonly EnvVar[])[]): readonly EnvVar[] {
  const added = new Map<string, EnvVar>();
  for (const variables of takenOver) {
    for (const variable of variables) {
      if (!own.envNames.has(variable.name) && !added.has(variable.name)) added.set(variable.name, variable);
    }
  }
  return added.size === 0 ? own.env : [...own.env, ...added.values()];
}
