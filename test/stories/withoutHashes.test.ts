import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WEBHOOK_PATHS } from "../../src/webhook/registration.ts";
import { StoryCluster } from "./storyCluster.ts";

let story: StoryCluster;
beforeEach(async () => {
  story = await StoryCluster.start();
});
afterEach(() => {
  story.stop();
  expect(story.observer.violations).toEqual([]);
  expect(story.warnings).toEqual([]);
});

describe("a SidecarSet that was written while no webhook was registered", () => {
  it("has no hashes, and its pods are upgraded all the same", async () => {
    story.passOver(WEBHOOK_PATHS.sidecarSetHashes);
    await story.apply({ updateStrategy: { maxUnavailable: 2 } });
    expect((await story.set()).metadata.annotations).toBeUndefined();
    await story.createPods(4);
    expect((await story.set()).status).toMatchObject({ matchedPods: 4, updatedPods: 4 });
    story.answerAgain(WEBHOOK_PATHS.sidecarSetHashes);
    story.observer.expect({ maxUnavailable: 2 });
    await story.setImage("logtail:1.0.1");
    await story.quiet();
    expect(story.observer.withImage("logtail:1.0.1")).toHaveLength(4);
    expect((await story.set()).status).toMatchObject({ updatedPods: 4, updatedReadyPods: 4 });
  });
});
