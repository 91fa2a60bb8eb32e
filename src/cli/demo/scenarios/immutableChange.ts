import {
  allReady,
  deployment,
  explaining,
  firstPod,
  isReady,
  logAgent,
  OLD,
  phaseIs,
  type Scenario,
} from "./scenario.ts";

/** Kubernetes lets nobody change more than the image of a container that runs. */
export const immutableChange: Scenario = {
  teaches: "change more than the image, and see what that needs",
  async play(stage) {
    await stage.apply(logAgent({ updateStrategy: { maxUnavailable: 2 } }), deployment("web", 6));
    await allReady(stage, 6);
    stage.say("Not only the image but an environment variable, too:");
    const env = [{ name: "LEVEL", value: "debug" }];
    const old = new Set(stage.pods().map(({ metadata }) => metadata.uid));
    await stage.patch("sidecarset/log-agent", { spec: { containers: [{ name: "logtail", image: OLD, env }] } });
    await phaseIs(stage, "Blocked");
    await stage.watchAWhile();
    const touched = stage.pods().filter(({ metadata }) => !old.has(metadata.uid)).length;
    stage.promise("pods recreated behind your back", `${touched}`, touched === 0);
    stage.say("Why is no pod upgraded?");
    await stage.type(explaining(firstPod(stage, () => true)), 3);
    stage.say("So the change reaches pods as they are recreated; whoever owns them decides when:");
    const annotations = { "kubectl.kubernetes.io/restartedAt": new Date().toISOString() };
    await stage.patch("deployment/web", { spec: { template: { metadata: { annotations } } } });
    await stage.until("every pod is new", () => {
      const pods = stage.pods();
      return pods.length === 6 && pods.every((pod) => isReady(pod) && !old.has(pod.metadata.uid));
    });
    await phaseIs(stage, "Complete");
    const changed = stage
      .pods()
      .filter(({ spec }) =>
        spec.containers.some(({ name, env: has }) => name === "logtail" && JSON.stringify(has).includes("LEVEL")),
      );
    stage.promise("pods with the variable in the end", `${changed.length} of 6`, changed.length === 6);
  },
};
