import { describe, expect, it } from "vitest";
import type { Pod } from "../../core/kube/pod.ts";
import {
  NOTHING_SEEN,
  type Observation,
  observe,
  restartedAppContainers,
  startCounting,
  unavailablePods,
} from "./observer.ts";

const watched = { sidecar: "logtail" };

describe("the demo's observer", () => {
  it("counts a pod as unavailable from the change of the image until another container runs", () => {
    let seen = startCounting(see(NOTHING_SEEN, aPod({})));
    seen = see(seen, aPod({ image: "logtail:1.0.1" }));
    expect(unavailablePods(seen)).toBe(1);
    seen = see(seen, aPod({ image: "logtail:1.0.1", sidecarContainer: "new" }));
    expect(unavailablePods(seen)).toBe(0);
    expect(seen.mostUnavailable).toBe(1);
  });

  it("counts a pod that is not Ready", () => {
    expect(unavailablePods(see(NOTHING_SEEN, aPod({ ready: false })))).toBe(1);
  });

  it("notices a restarted application container", () => {
    const seen = see(startCounting(see(NOTHING_SEEN, aPod({}))), aPod({ appContainer: "other" }));
    expect(restartedAppContainers(seen)).toBe(1);
  });

  it("notices a pod that was replaced by another", () => {
    let seen = startCounting(see(NOTHING_SEEN, aPod({})));
    seen = observe(seen, { type: "deleted", pod: aPod({}) }, watched);
    seen = see(seen, aPod({ uid: "2" }));
    expect(seen.recreated).toBe(1);
  });
});

function see(before: Observation, pod: Pod): Observation {
  return observe(before, { type: "seen", pod }, watched);
}

function aPod(options: {
  uid?: string;
  image?: string;
  sidecarContainer?: string;
  appContainer?: string;
  ready?: boolean;
}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web-0", uid: options.uid ?? "1" },
    spec: {
      containers: [
        { name: "logtail", image: options.image ?? "logtail:1.0.0" },
        { name: "web", image: "nginx" },
      ],
    },
    status: {
      conditions: [{ type: "Ready", status: options.ready === false ? "False" : "True" }],
      containerStatuses: [
        { name: "logtail", containerID: options.sidecarContainer ?? "old", restartCount: 0 },
        { name: "web", containerID: options.appContainer ?? "app", restartCount: 0 },
      ],
    },
  };
}
