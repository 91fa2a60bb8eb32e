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
  sidecarImage,
  updated,
  withImage,
} from "./scenario.ts";

const ZONES = ["a", "b", "c"] as const;

/** Every zone gets its share at every moment. */
export const scatter: Scenario = {
  teaches: "spread a half-done release evenly over zones",
  async play(stage) {
    await stage.apply(
      logAgent({
        updateStrategy: { maxUnavailable: 3, partition: "50%", scatterStrategy: [{ key: "zone", value: "*" }] },
      }),
      ...ZONES.map((zone) => deployment(`web-${zone}`, 4, { zone })),
    );
    await allReady(stage, 12);
    stage.nobodyNotices();
    stage.say("Three zones of four pods, half of the pods released, scattered by the label zone:");
    await stage.type(["set", "image", "log-agent", `logtail=${NEW}`, "--yes"]);
    await updated(stage, 6);
    await phaseIs(stage, "Held");
    const perZone = ZONES.map(
      (zone) => withImage(stage.pods(), NEW).filter(({ metadata }) => metadata.labels?.zone === zone).length,
    );
    stage.promise("pods upgraded in zones a, b and c", perZone.join(", "), perZone.join() === "2,2,2");
    stage.say("Where in the order is the next one?");
    await stage.type(explaining(firstPod(stage, (pod) => sidecarImage(pod) === OLD)), 3);
  },
};
