import {
  allReady,
  deployment,
  explaining,
  firstPod,
  logAgent,
  NEW,
  OLD,
  type Scenario,
  sidecarImage,
  updated,
  withImage,
} from "./scenario.ts";

/** Two pods first, by label; then shares of all. */
export const canary: Scenario = {
  teaches: "try a change on the pods of one label, then let it go further",
  async play(stage) {
    await stage.apply(
      logAgent({ updateStrategy: { maxUnavailable: 2, selector: { matchLabels: { track: "canary" } } } }),
      deployment("web", 10),
      deployment("canary", 2, { track: "canary" }),
    );
    await allReady(stage, 12);
    stage.nobodyNotices();
    stage.say("Ten pods and two canaries. The update selector lets only the canaries go:");
    await stage.type(["set", "image", "log-agent", `logtail=${NEW}`, "--yes"]);
    await updated(stage, 2);
    await stage.watchAWhile();
    const reached = withImage(stage.pods(), NEW);
    const strangers = reached.filter(({ metadata }) => metadata.labels?.track !== "canary").length;
    stage.promise("canaries upgraded", `${reached.length} of 2`, reached.length === 2);
    stage.promise("other pods upgraded meanwhile", `${strangers}`, strangers === 0);
    stage.say("Why does another pod stay behind?");
    await stage.type(explaining(firstPod(stage, (pod) => sidecarImage(pod) === OLD)), 3);
    stage.say("The canaries are fine. The next step drops the selector and sets a partition in one patch:");
    await stage.type(["promote", "log-agent", "--yes"]);
    await updated(stage, 3);
    await stage.type(["promote", "log-agent", "--full", "--yes"]);
    await updated(stage, 12);
    stage.promise("pods upgraded in the end", `${withImage(stage.pods(), NEW).length} of 12`, true);
  },
};
