import { describe, expect, it } from "vitest";
import type { Container, ContainerStatus, Pod, PodStatus } from "../../core/kube/pod.ts";
import { type ContainerImages, IMAGES_BY_NAME } from "./containerImages.ts";
import type { StepContext } from "./containerSteps.ts";
import { DEFAULT_TIMING } from "./kubeletTiming.ts";
import { advancePod, openPod, type PodRecord, podWake } from "./podRecord.ts";
import { podStatus } from "./podStatus.ts";

const START = Date.parse("2026-07-01T00:00:00Z");

/** A pod on its node, with every status that was reported and when (seconds since the start). */
class NodeStory {
  pod: Pod;
  now = START;
  readonly reports: { readonly at: number; readonly status: PodStatus }[] = [];
  readonly #images: ContainerImages;
  #record: PodRecord | undefined;
  #ids = 0;

  constructor(
    containers: readonly Container[],
    options: { init?: readonly Container[]; images?: ContainerImages } = {},
  ) {
    this.pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "web", namespace: "ns-1", uid: "u", generation: 1 },
      spec: { nodeName: "node", containers, initContainers: options.init ?? [] },
    };
    this.#images = options.images ?? IMAGES_BY_NAME;
    this.#look();
  }

  /** Lets time pass. */
  pass(seconds: number): void {
    const end = this.now + seconds * 1000;
    for (;;) {
      const wake = podWake(this.#record!, this.pod, this.#context());
      if (wake === undefined || wake > end) break;
      this.now = wake;
      this.#look();
    }
    this.now = end;
  }

  /** Changes images in one write, by container name. */
  setImages(images: Readonly<Record<string, string>>): void {
    const changed = (container: Container): Container => ({
      ...container,
      image: images[container.name] ?? container.image!,
    });
    const { metadata, spec } = this.pod;
    this.pod = {
      ...this.pod,
      metadata: { ...metadata, generation: metadata.generation! + 1 },
      spec: {
        ...spec,
        containers: spec.containers.map(changed),
        initContainers: (spec.initContainers ?? []).map(changed),
      },
    };
    this.#look();
  }

  status(name: string): ContainerStatus {
    const { containerStatuses = [], initContainerStatuses = [] } = this.reports.at(-1)!.status;
    return [...containerStatuses, ...initContainerStatuses].find((status) => status.name === name)!;
  }

  condition(type: string): string | undefined {
    return this.reports.at(-1)!.status.conditions!.find((condition) => condition.type === type)?.status;
  }

  /** What a container's state was called since the reports were `from` many, without repetitions. */
  walk(name: string, from = 0): string[] {
    const names = this.reports.slice(from).map(({ status }) => {
      const container = [...status.containerStatuses!, ...(status.initContainerStatuses ?? [])].find(
        (one) => one.name === name,
      )!;
      const { state, ready } = container;
      return state?.waiting?.reason ?? (state?.terminated ? state.terminated.reason! : ready ? "ready" : "running");
    });
    return names.filter((one, index) => one !== names[index - 1]);
  }

  #look(): void {
    const context = this.#context();
    this.#record = advancePod(this.#record ?? openPod(this.pod, "10.244.0.1", context), this.pod, context);
    const before = this.reports.at(-1)?.status;
    const status = podStatus(this.#record, this.pod, before, context);
    if (JSON.stringify(status) !== JSON.stringify(before)) this.reports.push({ at: (this.now - START) / 1000, status });
  }

  #context(): StepContext {
    return {
      now: this.now,
      pace: 1,
      timing: DEFAULT_TIMING,
      images: this.#images,
      newContainerId: () => `id${++this.#ids}`,
    };
  }
}

const app: Container = { name: "app", image: "web:1", readinessProbe: { httpGet: {} } };
const logtail: Container = { name: "logtail", image: "logtail:1.0.0" };

describe("a new pod", () => {
  it("becomes ready by way of ContainerCreating, and names images as containerd does", () => {
    const story = new NodeStory([app, logtail]);
    story.pass(5);
    expect(story.walk("app")).toEqual(["ContainerCreating", "running", "ready"]);
    expect(story.reports.at(-1)!.status).toMatchObject({
      phase: "Running",
      observedGeneration: 1,
      podIP: "10.244.0.1",
    });
    expect(story.condition("Ready")).toBe("True");
    expect(story.status("logtail")).toMatchObject({
      image: "docker.io/library/logtail:1.0.0",
      imageID: expect.stringMatching(/^docker\.io\/library\/logtail@sha256:[0-9a-f]{64}$/),
      containerID: expect.stringMatching(/^containerd:\/\/id\d$/),
      restartCount: 0,
      started: true,
    });
  });

  it("starts init containers one by one, native sidecars among them, before the others", () => {
    const init = [
      { name: "setup", image: "setup:1" },
      { name: "proxy", image: "proxy:1", restartPolicy: "Always", startupProbe: {} },
    ];
    const story = new NodeStory([logtail], { init });
    const firstSeen = (name: string, what: string): number =>
      story.reports.findIndex((_, index) => story.walk(name, index)[0] === what);
    story.pass(10);
    expect(story.walk("setup")).toEqual(["PodInitializing", "ContainerCreating", "running", "Completed"]);
    expect(firstSeen("setup", "Completed")).toBeLessThanOrEqual(firstSeen("proxy", "running"));
    expect(firstSeen("proxy", "ready")).toBeLessThan(firstSeen("logtail", "ready"));
    expect(story.condition("Initialized")).toBe("True");
    expect(story.condition("Ready")).toBe("True");
  });

  it("stays pending while its image cannot be pulled, and starts when that heals", () => {
    const registry = { broken: true };
    const images = { ...IMAGES_BY_NAME, canPull: () => !registry.broken };
    const story = new NodeStory([logtail], { images });
    story.pass(30);
    expect(story.walk("logtail")).toEqual([
      "ContainerCreating",
      "ErrImagePull",
      "ImagePullBackOff",
      "ErrImagePull",
      "ImagePullBackOff",
    ]);
    expect(story.reports.at(-1)!.status.phase).toBe("Pending");
    expect(story.status("logtail")).toMatchObject({ image: "logtail:1.0.0", imageID: "", ready: false });
    registry.broken = false;
    story.pass(60);
    expect(story.status("logtail")).toMatchObject({ ready: true, restartCount: 0 });
  });
});

describe("a changed image", () => {
  it("restarts that container alone: first observedGeneration, then one report of the whole restart", () => {
    const story = new NodeStory([app, logtail]);
    story.pass(5);
    const [before, neighbour] = [story.status("logtail"), story.status("app")];
    const from = story.reports.length;
    const changedAt = (story.now - START) / 1000;
    story.setImages({ logtail: "logtail:1.0.1" });
    story.pass(5);
    const [observed, restarted, ...more] = story.reports.slice(from);
    expect(more).toEqual([]);
    expect(observed!.at - changedAt).toBeLessThan(0.1);
    expect(observed!.status).toMatchObject({ observedGeneration: 2, containerStatuses: [neighbour, before] });
    expect(restarted!.at - changedAt).toBeLessThanOrEqual(1);
    expect(restarted!.status.containerStatuses![0]).toEqual(neighbour);
    expect(story.status("logtail")).toMatchObject({
      image: "docker.io/library/logtail:1.0.1",
      restartCount: 1,
      ready: true,
      lastState: { terminated: { exitCode: 0, reason: "Completed", containerID: before.containerID } },
    });
    expect(story.status("logtail").containerID).not.toBe(before.containerID);
    expect(story.status("logtail").imageID).not.toBe(before.imageID);
  });

  it("makes the pod unready only when a readiness probe says so", () => {
    const probed = new NodeStory([app, { ...logtail, readinessProbe: {} }]);
    probed.pass(5);
    const from = probed.reports.length;
    probed.setImages({ logtail: "logtail:1.0.1" });
    probed.pass(0.6);
    expect(probed.condition("Ready")).toBe("False");
    expect(probed.walk("logtail", from)).toEqual(["ready", "running"]);
    probed.pass(2);
    expect(probed.condition("Ready")).toBe("True");
  });

  it("is called ready for about a second before it is, with a startup probe and no readiness probe", () => {
    const story = new NodeStory([{ ...logtail, startupProbe: {} }]);
    story.pass(5);
    expect(story.walk("logtail")).toEqual(["ContainerCreating", "running", "ready"]);
    const from = story.reports.length;
    story.setImages({ logtail: "logtail:1.0.1" });
    story.pass(0.6);
    expect(story.status("logtail")).toMatchObject({ restartCount: 1, ready: true, started: true });
    story.pass(5);
    expect(story.walk("logtail", from)).toEqual(["ready", "running", "ready"]);
  });

  it("restarts two containers in one report when one write changed both", () => {
    const story = new NodeStory([app, logtail]);
    story.pass(5);
    const from = story.reports.length;
    story.setImages({ app: "web:2", logtail: "logtail:1.0.1" });
    story.pass(0.6);
    expect(story.reports.length - from).toBe(2);
    expect([story.status("app"), story.status("logtail")].map(({ restartCount }) => restartCount)).toEqual([1, 1]);
  });

  it("keeps image ID and shown tag when the new tag is of the same image", () => {
    const images = { ...IMAGES_BY_NAME, identityOf: () => "one" };
    const story = new NodeStory([logtail], { images });
    story.pass(5);
    const before = story.status("logtail");
    story.setImages({ logtail: "logtail:stable" });
    story.pass(5);
    expect(story.status("logtail")).toMatchObject({ image: before.image, imageID: before.imageID, restartCount: 1 });
    expect(story.status("logtail").containerID).not.toBe(before.containerID);
  });

  it("stops the old container before it finds that the new image is missing, and keeps its ids", () => {
    const story = new NodeStory([app, logtail]);
    story.pass(5);
    const [before, neighbour] = [story.status("logtail"), story.status("app")];
    const from = story.reports.length;
    story.setImages({ logtail: "logtail:missing" });
    story.pass(60);
    expect(story.walk("logtail", from)).toEqual([
      "ready",
      "ErrImagePull",
      "ImagePullBackOff",
      "ErrImagePull",
      "ImagePullBackOff",
      "ErrImagePull",
    ]);
    const { image, imageID, containerID, restartCount } = before;
    expect(story.status("logtail")).toMatchObject({ image, imageID, containerID, restartCount, ready: false });
    expect(story.status("app")).toEqual(neighbour);
    expect(story.condition("Ready")).toBe("False");
    expect(story.reports.at(-1)!.status.phase).toBe("Running");
    const healing = story.reports.length;
    story.setImages({ logtail: "logtail:1.0.0" });
    story.pass(1);
    expect(story.walk("logtail", healing)).toEqual(["ImagePullBackOff", "ready"]);
    expect(story.status("logtail")).toMatchObject({ ready: true, restartCount: 1 });
  });

  it("is called a crash loop while its image is missing, when the container before had been replaced as well", () => {
    const story = new NodeStory([logtail]);
    story.pass(5);
    story.setImages({ logtail: "logtail:1.0.1" });
    story.pass(5);
    const from = story.reports.length;
    story.setImages({ logtail: "logtail:missing" });
    story.pass(45);
    expect(story.walk("logtail", from)).toEqual([
      "ready",
      "ErrImagePull",
      "CrashLoopBackOff",
      "ErrImagePull",
      "ImagePullBackOff",
    ]);
  });

  it("waits from the fourth change within seconds on, ten seconds and then twenty", () => {
    const story = new NodeStory([logtail]);
    story.pass(5);
    const restartTimes = [1, 0, 1, 0, 1, 0].map((patch) => {
      const changedAt = story.now;
      const { restartCount } = story.status("logtail");
      story.setImages({ logtail: `logtail:1.0.${patch}` });
      while (story.status("logtail").restartCount === restartCount) story.pass(0.1);
      return Math.round((story.now - changedAt) / 1000);
    });
    expect(restartTimes.slice(0, 3)).toEqual([1, 1, 1].map(() => restartTimes[0]));
    expect(restartTimes[0]).toBeLessThanOrEqual(1);
    expect(restartTimes[3]).toBeGreaterThanOrEqual(9);
    expect(story.status("logtail").restartCount).toBe(6);
  });
});

describe("a pod", () => {
  it("is ready only when its readiness gates are open", () => {
    const story = new NodeStory([logtail]);
    story.pod = { ...story.pod, spec: { ...story.pod.spec, readinessGates: [{ conditionType: "x/gate" }] } };
    story.pass(5);
    expect([story.condition("ContainersReady"), story.condition("Ready")]).toEqual(["True", "False"]);
    story.pod = { ...story.pod, status: { conditions: [{ type: "x/gate", status: "True" }] } };
    story.setImages({});
    expect(story.condition("Ready")).toBe("True");
  });

  it("backs off when its program crashes", () => {
    const story = new NodeStory([{ ...logtail, image: "logtail:crash" }]);
    story.pass(60);
    expect(story.walk("logtail").slice(0, 7)).toEqual([
      "ContainerCreating",
      "ready",
      "Error",
      "ready",
      "CrashLoopBackOff",
      "ready",
      "CrashLoopBackOff",
    ]);
    expect(story.status("logtail").restartCount).toBeGreaterThanOrEqual(3);
  });

  it("ends its containers when it is deleted", () => {
    const story = new NodeStory([app, logtail]);
    story.pass(5);
    const { metadata } = story.pod;
    story.pod = {
      ...story.pod,
      metadata: { ...metadata, deletionTimestamp: "2026-07-01T00:00:05Z", deletionGracePeriodSeconds: 30 },
    };
    story.setImages({});
    story.pass(1);
    expect(story.walk("app").at(-1)).toBe("Completed");
    expect(story.condition("Ready")).toBe("False");
  });
});
