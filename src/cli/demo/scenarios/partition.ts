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

/** A share of the pods stays on the old image until somebody says otherwise. */
export const partition: Scenario = {
  teaches: "keep a share of the pods on the old image, and release them step by step",
  async play(stage) {
    await stage.apply(logAgent({ updateStrategy: { maxUnavailable: 3, partition: "75%" } }), deployment("web", 12));
    await allReady(stage, 12);
    stage.nobodyNotices();
    stage.say("Twelve pods, of which 75% are kept:");
    await stage.type(["set", "image", "log-agent", `logtail=${NEW}`, "--yes"]);
    await updated(stage, 3);
    await phaseIs(stage, "Held");
    await stage.watchAWhile();
    const first = withImage(stage.pods(), NEW).length;
    stage.promise("pods upgraded at partition 75%", `${first} of 12`, first === 3);
    stage.say("Why does this one wait?");
    await stage.type(explaining(firstPod(stage, (pod) => sidecarImage(pod) === OLD)), 3);
    await stage.type(["promote", "log-agent", "--to=50%", "--yes"]);
    await updated(stage, 6);
    await stage.watchAWhile();
    const half = withImage(stage.pods(), NEW).length;
    stage.promise("pods upgraded at partition 50%", `${half} of 12`, half === 6);
    await stage.type(["promote", "log-agent", "--full", "--yes"]);
    await updated(stage, 12);
    stage.promise("pods upgraded in the end", `${withImage(stage.pods(), NEW).length} of 12`, true);
  },
};
