import {
  allReady,
  deployment,
  explaining,
  firstPod,
  logAgent,
  NEW,
  OLD,
  phaseIs,
  type Scenario,
  updated,
  withImage,
} from "./scenario.ts";

/** A sidecar as Kubernetes itself knows them: an init container that goes on running. */
export const nativeSidecar: Scenario = {
  teaches: "inject a native sidecar, which starts before the application, and upgrade it in place",
  async play(stage) {
    const initContainers = [{ name: "logtail", image: OLD, restartPolicy: "Always" }];
    await stage.apply(
      logAgent({ containers: [], initContainers, updateStrategy: { maxUnavailable: 2 } }),
      deployment("web", 6),
    );
    await allReady(stage, 6);
    stage.nobodyNotices();
    stage.say("An init container with restartPolicy Always. OpenKruise injects these, but does not upgrade them:");
    await stage.type(["set", "image", "log-agent", `logtail=${NEW}`, "--yes"]);
    await updated(stage, 6);
    await phaseIs(stage, "Complete");
    stage.promise("pods upgraded in place", `${withImage(stage.pods(), NEW).length} of 6`, true);
    await stage.type(explaining(firstPod(stage, () => true)));
  },
};
