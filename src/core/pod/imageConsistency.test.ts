import { describe, expect, it } from "vitest";
import { aPod, type PodTraits } from "../../../test/aPod.ts";
import { type ChangeRecords, isConsistent } from "./imageConsistency.ts";
import { parseInPlaceStates } from "./inPlaceState.ts";
import type { ProcessBefore } from "./upgradeState.ts";

const DIGEST = `sha256:${"2".repeat(64)}`;
const OTHER_DIGEST = `sha256:${"3".repeat(64)}`;

function consistent(traits: PodTraits, records: Partial<ChangeRecords> = {}): boolean {
  const pod = aPod(traits);
  const none = { readable: true, states: new Map() };
  return isConsistent(pod, pod.containers.slice(0, 1), {
    sidecarSet: "logging",
    inPlace: none,
    own: undefined,
    ...records,
  });
}

function recorded(imageId: string | undefined): Partial<ChangeRecords> {
  const status = imageId === undefined ? {} : { imageID: imageId };
  return {
    inPlace: parseInPlaceStates(
      JSON.stringify({ logging: { revision: "h", updateTimestamp: null, lastContainerStatuses: { logtail: status } } }),
    ),
  };
}

function ranBefore(process: Partial<ProcessBefore>): Partial<ChangeRecords> {
  const before = { containerId: "containerd://1", restartCount: 0, generation: 1, ...process };
  return { own: { hash: "new", containers: new Map([["logtail", before]]) } };
}

describe("an image by tag, with the record other tools write", () => {
  it("is there when the image id has left the recorded one", () => {
    expect(consistent({ status: { imageID: "new" } }, recorded("old"))).toBe(true);
    expect(consistent({ image: "a:2", status: { image: "a:1", imageID: "old" } }, recorded("old"))).toBe(false);
  });

  it("is there when the kubelet reports the very text of the spec", () => {
    expect(consistent({ image: "a:2", status: { image: "a:2", imageID: "same" } }, recorded("same"))).toBe(true);
  });

  it("counts an empty record as an empty image id", () => {
    expect(consistent({ image: "a:2", status: { image: "a:1", imageID: "" } }, recorded(undefined))).toBe(false);
  });

  it("is there without any record", () => {
    expect(consistent({ image: "a:2", status: { image: "a:1" } })).toBe(true);
  });

  it("is not there while the record cannot be read", () => {
    expect(consistent({}, { inPlace: parseInPlaceStates("{") })).toBe(false);
  });
});

describe("an image by digest", () => {
  it.each([
    ["r.io/a", `docker-pullable://r.io/a@${DIGEST}`, true],
    ["busybox", `docker.io/library/busybox@${DIGEST}`, true],
    ["r.io/a", `mirror.local/a@${DIGEST}`, true],
    ["r.io/a", `r.io/a@${OTHER_DIGEST}`, false],
    ["r.io/a", "r.io/a:2", false],
    ["r.io/a", "", false],
  ])("%s@2 is compared with the id %s by its digest", (name, imageID, expected) => {
    expect(consistent({ image: `${name}@${DIGEST}`, status: { image: "x", imageID } })).toBe(expected);
  });

  it("is found in the reported image when the id names the configuration only", () => {
    const status = { image: `r.io/a@${DIGEST}`, imageID: OTHER_DIGEST };
    expect(consistent({ image: `r.io/a@${DIGEST}`, status })).toBe(true);
  });
});

it("a container is judged by its own kind of image, whatever kind those before it have", () => {
  const pod = aPod({ image: "a:2", status: { image: "a:2", imageID: "a" } });
  const digest = { ...pod.containers[0]!, name: "by-digest", image: `r.io/b@${DIGEST}` };
  const at = (imageId: string) => ({ ...digest, status: { ...digest.status!, imageId } });
  const records = { sidecarSet: "logging", inPlace: { readable: true, states: new Map() }, own: undefined };
  const both = (imageId: string) => isConsistent(pod, [pod.containers[0]!, at(imageId)], records);
  expect(both(`r.io/b@${DIGEST}`)).toBe(true);
  expect(both(`r.io/b@${OTHER_DIGEST}`)).toBe(false);
});

describe("a container with our own record", () => {
  it("has followed when another process runs", () => {
    expect(consistent({ generation: 2, status: { containerID: "containerd://9" } }, ranBefore({}))).toBe(true);
    expect(consistent({ generation: 2, status: { image: "old" } }, ranBefore({}))).toBe(false);
  });

  it("has followed although two tags mean the same image", () => {
    const status = { image: "a:1", imageID: "same", restartCount: 1 };
    expect(consistent({ image: "a:2", generation: 2, status }, { ...recorded("same"), ...ranBefore({}) })).toBe(true);
  });

  it("has not followed when the old image crashed before the kubelet looked", () => {
    const status = { image: "old", restartCount: 1 };
    expect(consistent({ generation: 2, observedGeneration: 1, status }, ranBefore({}))).toBe(false);
  });

  it("need not restart when the image went forth and back", () => {
    const records = ranBefore({ generation: 3 });
    expect(consistent({ image: "a:1", generation: 4, status: { image: "docker.io/library/a:1" } }, records)).toBe(true);
    expect(consistent({ image: "a:2", generation: 4, status: { image: "docker.io/library/a:1" } }, records)).toBe(
      false,
    );
  });
});

it("a pod whose containers are not all reported on is not consistent", () => {
  const pod = { ...aPod(), reportedContainers: 1 };
  const records = { sidecarSet: "logging", inPlace: { readable: true, states: new Map() }, own: undefined };
  expect(isConsistent(pod, pod.containers.slice(0, 1), records)).toBe(false);
});
