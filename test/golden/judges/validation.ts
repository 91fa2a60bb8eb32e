import type { ControllerRevision, JsonObject } from "../../../src/core/kube/object.ts";
import { METADATA_WHITELIST_KEY } from "../../../src/core/sidecarSet/annotations.ts";
import { parseSidecarSet } from "../../../src/core/sidecarSet/parseSidecarSet.ts";
import type { SidecarSet } from "../../../src/core/sidecarSet/sidecarSet.ts";
import { validateSidecarSet } from "../../../src/core/sidecarSet/validateSidecarSet.ts";
import { compileGoPattern } from "../../../src/webhook/goPattern.ts";
import type { Judge } from "../judge.ts";

/** Both must say the same yes or no; every recorded error needs one of ours at its path, or at the path it should have had. */
export const validation: Judge = ({ input, expected }) => {
  const errors = validateSidecarSet({
    sidecarSet: input.sidecarSet,
    old: input.oldSidecarSet,
    existing: ((input.existing ?? []) as readonly JsonObject[]).map(parsed),
    revisions: (input.controllerRevisions ?? []) as unknown as readonly ControllerRevision[],
    metadataRules: metadataRulesOf(input),
    compilePattern: compileGoPattern,
  });
  const fields = errors.map(({ field }) => field);
  const ours = { allowed: errors.length === 0, fields };
  if (ours.allowed !== expected.allowed) {
    return { agrees: false, ours, difference: `allowed: ours ${ours.allowed}; ${JSON.stringify(errors)}` };
  }
  const missing = (expected.errors as readonly { field: string }[])
    .map(({ field }) => field)
    .filter((field) => !fields.some((one) => rightPaths(field).some((path) => path.test(one))));
  if (missing.length === 0) return { agrees: true, ours };
  return { agrees: false, ours, difference: `no error at ${missing.join(", ")}; ours at ${fields.join(", ")}` };
};

function parsed(raw: JsonObject): SidecarSet {
  const result = parseSidecarSet(raw);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function metadataRulesOf({ configMap, featureGates }: JsonObject) {
  const data = (configMap as JsonObject | undefined)?.data as JsonObject | undefined;
  const whitelist = data?.[METADATA_WHITELIST_KEY] as string | undefined;
  const gates = featureGates as JsonObject | undefined;
  return {
    ...(whitelist !== undefined && { whitelist }),
    allowedByDefault: gates?.SidecarSetPatchPodMetadataDefaultsAllowed === true,
  };
}

/** Where the recorded path is vague or wrong: the path an error there should have. `N` stands for any index. */
const RIGHT_PATHS: readonly (readonly [reported: string, right: string])[] = [
  ["metadata", "metadata.annotations[apps.kruise.io/sidecarset-base]"],
  ["metadata", "spec.updateStrategy.type"],
  ["spec.updateStrategy", "spec.updateStrategy.type"],
  ["spec.selector.selector", "spec.selector*"],
  ["spec.namespaceSelector.selector", "spec.namespaceSelector*"],
  ["spec.updateStrategy.selector.selector", "spec.updateStrategy.selector*"],
  ["revision", "spec.injectionStrategy.revision*"],
  ["revision.policy", "spec.injectionStrategy.revision.policy"],
  ["spec", "spec.volumes[N]"],
  ["spec.patchPodMetadata", "spec.patchPodMetadata[N].annotations*"],
  ["patchPodMetadata.annotations", "spec.patchPodMetadata[N].annotations*"],
  ["updateStrategy", "spec.updateStrategy.partition"],
  ["spec.updateStrategy.priorityStrategy", "spec.updateStrategy.priorityStrategy*"],
  ["spec.updateStrategy.scatterStrategy", "spec.updateStrategy.scatterStrategy*"],
  ["spec[N].resourcesPolicy*", "spec.containers[N].resourcesPolicy*"],
  ["spec[N].resourcesPolicy*", "spec.initContainers[N].resourcesPolicy*"],
  ["spec.container.podInjectPolicy", "spec.containers[N].podInjectPolicy"],
  ["spec.container.shareVolumePolicy", "spec.containers[N].shareVolumePolicy.type"],
  ["spec[N].transferEnv.fieldRef*", "spec.containers[N].transferEnv[N].sourceContainerNameFrom.fieldRef*"],
  ["spec.initContainer", "spec.initContainers[N]"],
  ["spec.container", "spec.containers[N]"],
  ["spec.containers.name", "spec.containers[N].name"],
  ["spec.containers.upgradeStrategy.upgradeType", "spec.containers[N].upgradeStrategy.upgradeType"],
  ["spec.containers", "spec.containers[N].name"],
  ["spec.containers", "spec.initContainers[N].name"],
  ["spec.volumes", "spec.volumes[N]"],
  ["spec.containers[N].volumeMounts.subPath", "spec.containers[N].volumeMounts[N].subPath"],
  ["spec.initContainers[N].volumeMounts.subPath", "spec.initContainers[N].volumeMounts[N].subPath"],
];

function rightPaths(reported: string): readonly RegExp[] {
  const right = RIGHT_PATHS.filter(([pattern]) => pathPattern(pattern).test(reported)).map(([, path]) =>
    pathPattern(path),
  );
  return [pathPattern(reported), ...right];
}

function pathPattern(path: string): RegExp {
  const escaped = path.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&").replaceAll("\\[N\\]", "\\[[0-9]+\\]");
  return new RegExp(`^${escaped.replaceAll("\\*", ".*")}$`);
}
