import { parseImageReference } from "../../src/core/kube/imageReference.ts";
import type { JsonObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { withMetadataPatches } from "../../src/core/pod/metadataPatches.ts";
import type { SidecarContainer } from "../../src/core/sidecarSet/sidecarSet.ts";
import type { Deviation } from "./deviations.ts";
import { parsedSet } from "./judges/rolloutCase.ts";

/** What we do differently once a pod runs. */
export const ROLLOUT_DEVIATIONS: readonly Deviation[] = [
  {
    id: "digest-alone",
    corpora: ["status", "upgrade-batch"],
    rule: "an image by digest is there when that digest runs, whatever repository the runtime names",
    concerns: ({ pods }) => (pods as unknown as readonly Pod[]).some(runsDigestOfAnotherName),
    unrecorded: true,
  },
  {
    id: "unreadable-strategy",
    corpora: ["upgrade-batch"],
    rule: "a partition or maxUnavailable that cannot be read upgrades nothing",
    quirk: "bad-int-or-percent-is-zero",
  },
  {
    id: "native-sidecars-upgraded",
    corpora: ["pod-update"],
    rule: "the image of a native sidecar is upgraded with the others",
    quirk: "native-init-image-not-updated",
  },
  {
    id: "rollback-points-back",
    corpora: ["pod-update"],
    rule: "a rollback on the way of a hot upgrade makes the container that has the wanted image the working one again",
    quirk: "hot-rollback-no-change",
  },
  {
    id: "flips-are-finished",
    corpora: ["upgrade-batch"],
    rule: "a hot upgrade that was started is finished although the set is paused",
    concerns: ({ sidecarSet, pods }) => {
      const { containers = [], updateStrategy } = parsedSet(sidecarSet).spec;
      const isMidway = (pod: Pod) => containers.some((container) => runsBoth(pod, container));
      const { paused, type } = updateStrategy;
      return paused && type === "RollingUpdate" && (pods as unknown as readonly Pod[]).some(isMidway);
    },
  },
  {
    id: "injected-list-untouched",
    corpora: ["pod-update"],
    rule: "an upgrade never fills in the list of injected sets: a pod without it is not upgraded",
    quirk: "injected-list-rebuilt",
  },
  {
    id: "condition-when-it-matters",
    corpora: ["pod-update"],
    rule: "the condition SidecarSetUpgradable is written to say False, and to take a False back; an upgrade alone does not write it",
    concerns: (input) => input.action === "upgrade" && !isMarked(input) && !isRefused(input),
  },
];

function runsDigestOfAnotherName({ spec, status }: Pod): boolean {
  return spec.containers.some(({ name, image = "" }) => {
    const wanted = parseImageReference(image);
    const imageId = status?.containerStatuses?.find((container) => container.name === name)?.imageID ?? "";
    const running = parseImageReference(imageId.slice(imageId.indexOf("://") === -1 ? 0 : imageId.indexOf("://") + 3));
    return (
      wanted?.digest !== undefined && wanted.digest === running?.digest && wanted.familiarName !== running.familiarName
    );
  });
}

/** The container of a pair that does not work any more still runs an image of its own. */
function runsBoth({ metadata, spec }: Pod, { name, upgradeStrategy }: SidecarContainer): boolean {
  const record = metadata.annotations?.["kruise.io/sidecarset-working-hotupgrade-container"] ?? "{}";
  const working = (JSON.parse(record) as Record<string, string>)[name];
  const idle = spec.containers.find((one) => one.name === (working === `${name}-1` ? `${name}-2` : `${name}-1`));
  return upgradeStrategy.upgradeType === "HotUpgrade" && idle?.image !== upgradeStrategy.hotUpgradeEmptyImage;
}

/** The condition has an answer of this set already: true stays as it is, false is taken back. */
function isMarked({ pod, sidecarSet }: JsonObject): boolean {
  const { name } = (sidecarSet as unknown as Pod).metadata;
  const condition = (pod as unknown as Pod).status?.conditions?.find(({ type }) => type === "SidecarSetUpgradable");
  return condition !== undefined && name! in (JSON.parse(condition.message || "{}") as JsonObject);
}

/** The annotation that a merge patch should change holds no JSON. */
function isRefused({ pod, sidecarSet }: JsonObject): boolean {
  const { annotations = {} } = (pod as unknown as Pod).metadata;
  return parsedSet(sidecarSet).spec.patchPodMetadata.some(
    (entry) => entry.patchPolicy === "MergePatchJson" && !withMetadataPatches({ annotations, labels: {} }, [entry]).ok,
  );
}
