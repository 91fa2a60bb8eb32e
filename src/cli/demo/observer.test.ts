import { beforeEach, describe, expect, it } from "vitest";
import type { Pod } from "../../core/kube/pod.ts";
import { Observer, restartedAppContainers } from "./observer.ts";

let observer: Observer;
beforeEach(() => {
  observer = new Observer({ sidecar: "logtail" });
});
const see = (pod: Pod): void => observer.see("seen", pod);

describe("the demo's observer", () => {
  it("counts a pod as unavailable from the change of the image until another container runs", () => {
    see(aPod({}));
    observer.startCounting();
    see(aPod({ image: "logtail:1.0.1" }));
    expect(observer.unavailable).toBe(1);
    see(aPod({ image: "logtail:1.0.1", sidecarContainer: "new" }));
    expect(observer.unavailable).toBe(0);
    expect(observer.mostUnavailable).toBe(1);
  });

  it("counts a pod that is not Ready, until it is gone", () => {
    see(aPod({ ready: false }));
    see(aPod({ uid: "2" }));
    expect(observer.unavailable).toBe(1);
    observer.see("deleted", aPod({ ready: false }));
    expect(observer.unavailable).toBe(0);
  });

  it("notices a restarted application container", () => {
    see(aPod({}));
    observer.startCounting();
    see(aPod({ appContainer: "other" }));
    expect(restartedAppContainers(observer)).toBe(1);
  });

  it("knows the containers of a hot-upgrade pair from applications", () => {
    observer = new Observer({ sidecar: "logtail", pair: ["web"] });
    see(aPod({}));
    observer.startCounting();
    see(aPod({ appContainer: "other" }));
    expect(restartedAppContainers(observer)).toBe(0);
  });

  it("notices a pod that was replaced by another, also after that one is gone", () => {
    see(aPod({}));
    observer.startCounting();
    observer.see("deleted", aPod({}));
    see(aPod({ uid: "2" }));
    observer.see("deleted", aPod({ uid: "2" }));
    expect(observer.recreated).toBe(1);
  });
});

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
