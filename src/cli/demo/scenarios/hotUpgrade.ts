import type { Pod } from "../../../core/kube/pod.ts";
import { WORKING_HOT_UPGRADE_CONTAINER_ANNOTATION } from "../../../core/sidecarSet/annotations.ts";
import {
  allReady,
  deployment,
  explaining,
  firstPod,
  isReady,
  logAgent,
  NEW,
  OLD,
  phaseIs,
  type Scenario,
} from "./scenario.ts";

/** Two containers for one sidecar: the new one is ready before the old one lets go. */
export const hotUpgrade: Scenario = {
  teaches: "upgrade a sidecar that may not be away for a moment",
  async play(stage) {
    const upgradeStrategy = { upgradeType: "HotUpgrade", hotUpgradeEmptyImage: "empty:1.0.0" };
    await stage.apply(
      logAgent({
        containers: [{ name: "logtail", image: OLD, upgradeStrategy }],
        updateStrategy: { maxUnavailable: 2 },
      }),
      deployment("web", 6),
    );
    await allReady(stage, 6);
    const before = new Set(stage.pods().map(working));
    stage.nobodyNotices();
    stage.say(
      "Each pod has the sidecar twice, logtail-1 and logtail-2; one of them works, the other runs an empty image:",
    );
    await stage.type(explaining(firstPod(stage, () => true)));
    await stage.type(["set", "image", "log-agent", `logtail=${NEW}`, "--yes"]);
    await stage.until("every pod works with the new image", () =>
      stage
        .pods()
        .every(
          (pod) => isReady(pod) && imageOf(pod, working(pod)) === NEW && imageOf(pod, spare(pod)) === "empty:1.0.0",
        ),
    );
    await phaseIs(stage, "Complete");
    const after = new Set(stage.pods().map(working));
    stage.say(
      `The empty one got the new image, took over, and the old one was emptied: ${[...before].join()} has become ${[...after].join()}.`,
    );
    await stage.type(explaining(firstPod(stage, () => true)));
    stage.promise(
      "the working container before and after",
      `${[...before].join()}, ${[...after].join()}`,
      before.size === 1 && after.size === 1 && [...before][0] !== [...after][0],
    );
  },
};

function working({ metadata }: Pod): string {
  const text = metadata.annotations?.[WORKING_HOT_UPGRADE_CONTAINER_ANNOTATION] ?? "{}";
  return (JSON.parse(text) as { readonly logtail?: string }).logtail ?? "none";
}

function spare(pod: Pod): string {
  return working(pod) === "logtail-1" ? "logtail-2" : "logtail-1";
}

function imageOf({ spec }: Pod, container: string): string | undefined {
  return spec.containers.find(({ name }) => name === container)?.image;
}
