import { allReady, deployment, logAgent, NEW, phaseIs, type Scenario, updated, withImage } from "./scenario.ts";

const PODS = 5_000;
const PATIENCE_MS = 600_000;

/** The same at a size where nobody looks at single pods any more. */
export const manyPods: Scenario = {
  teaches: "the same for 5,000 pods",
  nodesPerZone: 16,
  async play(stage) {
    await stage.apply(logAgent({ updateStrategy: { maxUnavailable: "10%" } }), deployment("web", PODS));
    await allReady(stage, PODS, PATIENCE_MS);
    stage.nobodyNotices();
    stage.say(`${PODS} pods, of which a tenth may be down at once:`);
    await stage.type(["set", "image", "log-agent", `logtail=${NEW}`, "--yes"]);
    await updated(stage, PODS, NEW, PATIENCE_MS);
    await phaseIs(stage, "Complete");
    stage.promise("pods upgraded in place", `${withImage(stage.pods(), NEW).length} of ${PODS}`, true);
    await stage.type(["history", "log-agent"]);
  },
};
