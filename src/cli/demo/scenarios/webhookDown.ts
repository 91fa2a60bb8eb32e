import type { Pod } from "../../../core/kube/pod.ts";
import { allReady, deployment, explaining, firstPod, logAgent, type Scenario, sidecarImage } from "./scenario.ts";

/** A manager that is away while pods are created, and lets them pass: nothing is silent about it afterwards. */
export const webhookDown: Scenario = {
  teaches: "see which pods were created without their sidecar, and why",
  async play(stage) {
    const isBare = (pod: Pod): boolean => sidecarImage(pod) === undefined;
    await stage.apply(logAgent({ injectionStrategy: { failurePolicy: "Ignore" } }), deployment("web", 4));
    await allReady(stage, 4);
    stage.say(
      "Four pods have the sidecar. Now the manager is away, and more pods come; failurePolicy Ignore lets them pass:",
    );
    // Kubernetes tells ages by whole seconds: pods of the SidecarSet's own second count as older.
    await stage.watchAWhile();
    await stage.stopManager();
    await stage.apply(deployment("late", 2));
    await allReady(stage, 6);
    await stage.startManager();
    await stage.until("the gap is told", async () => {
      const { conditions } = ((await stage.set()).status ?? {}) as { readonly conditions?: readonly Pod["status"][] };
      return JSON.stringify(conditions ?? []).includes("NotInjected");
    });
    const bare = stage.pods().filter(isBare);
    stage.promise("pods created without the sidecar", `${bare.length}`, bare.length === 2);
    stage.say(
      "The manager is back, and the SidecarSet's condition CoverageComplete counts them. Why has this one none?",
    );
    const [late] = bare;
    await stage.type(explaining(late!), 3);
    stage.say("Containers cannot be added to a pod that exists. Its owner makes new ones:");
    for (const { metadata } of bare) await stage.deletePod(metadata.name!);
    await stage.until("every pod has the sidecar", () => stage.pods().length === 6 && !stage.pods().some(isBare));
    await allReady(stage, 6);
    await stage.type(explaining(firstPod(stage, ({ metadata }) => metadata.labels?.deployment === "late")));
    stage.promise(
      "pods with the sidecar in the end",
      `${stage.pods().filter((pod) => !isBare(pod)).length} of 6`,
      true,
    );
  },
};
