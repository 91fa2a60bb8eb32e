import {
  allReady,
  deployment,
  explaining,
  firstPod,
  logAgent,
  OLD,
  phaseIs,
  type Scenario,
  sidecarImage,
  updated,
  withImage,
} from "./scenario.ts";

const BROKEN = "logtail:1.0.1-missing";

/** An image that no registry has: the budget ends the damage, and is what holds up the rest. */
export const stuckImage: Scenario = {
  teaches: "find out what blocks a rollout, and take it back",
  async play(stage) {
    await stage.apply(logAgent({ updateStrategy: { maxUnavailable: 2 } }), deployment("web", 12));
    await allReady(stage, 12);
    stage.nobodyNotices();
    stage.say("A tag with a mistake in it. No registry has this image:");
    await stage.type(["set", "image", "log-agent", `logtail=${BROKEN}`, "--yes"]);
    await phaseIs(stage, "Blocked");
    await stage.watchAWhile();
    const harmed = withImage(stage.pods(), BROKEN).length;
    stage.promise("pods that the mistake reached", `${harmed} of 12, maxUnavailable is 2`, harmed === 2);
    stage.say("Why does nothing move? Ask about a pod that waits:");
    await stage.type(explaining(firstPod(stage, (pod) => sidecarImage(pod) === OLD)), 3);
    stage.say("Take it back; the pods that carry the broken image are the first to go:");
    await stage.type(["undo", "log-agent", "--yes"]);
    await updated(stage, 12, OLD);
    await phaseIs(stage, "Complete");
    stage.promise("pods on the old image again", `${withImage(stage.pods(), OLD).length} of 12`, true);
    await stage.type(["history", "log-agent"]);
  },
};
