import { describe, expect, it } from "vitest";
import { describeChange, names, page, pod, start, streaming, synced } from "../../test/faults/scriptedInformer.ts";
import { settle } from "../../test/virtualClock.ts";
import { ClusterError } from "./clusterError.ts";

describe("informer", () => {
  it("reads the list page by page and is synced only after the last page", async () => {
    const { cluster, copy } = start({ pageSize: 2 });
    cluster.answerList(page("10", [pod("a", "1"), pod("b", "2")], "next"));
    await settle();
    expect([copy.hasSynced(), names(copy)]).toEqual([false, []]);
    cluster.answerList(page("10", [pod("c", "3")]));
    await settle();
    await copy.synced;
    expect([copy.hasSynced(), names(copy)]).toEqual([true, ["a:1", "b:2", "c:3"]]);
    expect(cluster.lists).toEqual([
      { limit: 2, labelSelector: "app=web" },
      { limit: 2, labelSelector: "app=web", continue: "next" },
    ]);
  });

  it("watches from the list's version and tells each change after the copy shows it", async () => {
    const { cluster, copy, changes } = await synced([pod("a", "1")]);
    expect(cluster.watches.at(-1)?.options).toMatchObject({ resourceVersion: "10", labelSelector: "app=web" });
    cluster.send({ type: "ADDED", object: pod("b", "11") });
    cluster.send({ type: "MODIFIED", object: pod("a", "12") });
    cluster.send({ type: "DELETED", object: pod("b", "13") });
    await settle();
    expect(changes.slice(1)).toEqual(["added b:11", "updated a:1 → a:12", "deleted b:11"]);
    expect(names(copy)).toEqual(["a:12"]);
    expect(copy.get({ namespace: "ns-1", name: "a" })).toBe("a:12");
    expect(copy.get({ namespace: "other", name: "a" })).toBeUndefined();
  });

  it("goes on from the last bookmark when the server closes the watch", async () => {
    const { cluster, clock } = await synced([]);
    cluster.send({ type: "BOOKMARK", resourceVersion: "50" });
    cluster.close();
    await clock.advance(0);
    expect(cluster.watches.map((watch) => watch.options.resourceVersion)).toEqual(["10", "50"]);
  });

  it("reconnects at most once a second while nothing arrives", async () => {
    const { cluster, clock } = await synced([]);
    cluster.close();
    await clock.advance(999);
    expect(cluster.watches.length).toBe(1);
    await clock.advance(1);
    expect(cluster.watches.length).toBe(2);
  });

  it.each(["in the HTTP answer", "in the stream"])(
    "lists again after 410 %s and tells what vanished",
    async (where) => {
      const { cluster, copy, changes, clock } = await synced([pod("a", "1"), pod("b", "2"), pod("c", "3")]);
      if (where === "in the stream") cluster.send({ type: "MODIFIED", object: pod("c", "11") });
      cluster.failWatch(new ClusterError("gone", "too old resource version"));
      await settle();
      expect(names(copy)).toContain("b:2");
      changes.length = 0;
      const known = where === "in the stream" ? pod("c", "11") : pod("c", "3");
      cluster.answerList(page("90", [pod("a", "80"), known, pod("d", "81")]));
      await clock.advance(0);
      expect(changes).toEqual(["deleted b:2", "updated a:1 → a:80", "added d:81"]);
      expect(cluster.watches.at(-1)?.options.resourceVersion).toBe("90");
    },
  );

  it("what has changed when it lists again is told in the order in which it was written", async () => {
    const { cluster, changes, clock } = await synced([pod("a", "1"), pod("b", "2"), pod("c", "3")]);
    cluster.failWatch(new ClusterError("gone", "too old resource version"));
    await settle();
    changes.length = 0;
    cluster.answerList(page("190", [pod("a", "100"), pod("b", "2"), pod("c", "99"), pod("d", "98")]));
    await clock.advance(0);
    expect(changes).toEqual(["added d:98", "updated c:3 → c:99", "updated a:1 → a:100"]);
  });

  it("what is told again after a reconnect does not turn the copy back", async () => {
    const { cluster, copy, changes, clock } = await synced([pod("a", "9")]);
    cluster.send({ type: "MODIFIED", object: pod("a", "100") });
    cluster.close();
    await clock.advance(0);
    cluster.send({ type: "ADDED", object: pod("a", "9") });
    cluster.send({ type: "DELETED", object: pod("a", "100") });
    cluster.send({ type: "BOOKMARK", resourceVersion: "11" });
    cluster.close();
    await clock.advance(1_000);
    expect(changes.slice(1)).toEqual(["updated a:9 → a:100"]);
    expect(names(copy)).toEqual(["a:100"]);
    expect(cluster.watches.at(-1)?.options.resourceVersion).toBe("100");
  });

  it("a pod recreated under its name is told as deleted and added", async () => {
    const { cluster, changes } = await synced([pod("a", "1")]);
    cluster.send({ type: "ADDED", object: pod("a", "20", "another-uid") });
    await settle();
    expect(changes.slice(1)).toEqual(["deleted a:1", "added a:20"]);
  });

  it("waits longer after each failure, never above 30 s, and goes on from where it was", async () => {
    const { cluster, clock, log } = await synced([], { random: () => 1 });
    for (let failure = 0; failure < 8; failure++) {
      cluster.failWatch(new ClusterError("unavailable", "connection reset"));
      await clock.advance(30_000);
    }
    expect(log.map(([, , fields]) => fields?.delayMs)).toEqual([1600, 3200, 6400, 12800, 25600, 30000, 30000, 30000]);
    expect(new Set(cluster.watches.map((watch) => watch.options.resourceVersion))).toEqual(new Set(["10"]));
  });

  it("forgets earlier failures after two healthy minutes", async () => {
    const { cluster, clock, log } = await synced([], { random: () => 0.999999 });
    for (const healthyMs of [0, 0, 120_000]) {
      await clock.advance(healthyMs);
      cluster.failWatch(new ClusterError("unavailable", "connection reset"));
      await clock.advance(30_000);
    }
    expect(log.map(([, , fields]) => fields?.delayMs)).toEqual([1600, 3200, 1600]);
  });

  it("does as the server says when it names the seconds to wait", async () => {
    const { cluster, clock } = start();
    cluster.failList(new ClusterError("tooManyRequests", "slow down", { retryAfterSeconds: 7 }));
    await clock.advance(6_999);
    expect(cluster.lists.length).toBe(1);
    await clock.advance(1);
    expect(cluster.lists.length).toBe(2);
  });

  it("backs off all the same when the server says to come back at once", async () => {
    const { cluster, clock } = start();
    cluster.failList(new ClusterError("tooManyRequests", "slow down", { retryAfterSeconds: 0 }));
    await clock.advance(799);
    expect(cluster.lists.length).toBe(1);
    await clock.advance(1_000);
    expect(cluster.lists.length).toBe(2);
  });

  it("starts over when the version of a half-read list has expired", async () => {
    const { cluster, copy } = start();
    cluster.answerList(page("10", [pod("old", "1")], "next"));
    await settle();
    cluster.failList(new ClusterError("gone", "the continue token is too old"));
    await settle();
    cluster.answerList(page("30", [pod("new", "2")]));
    await settle();
    expect(cluster.lists.at(-1)?.continue).toBeUndefined();
    expect(names(copy)).toEqual(["new:2"]);
  });

  it("takes a connection for dead that stays open beyond its promised end", async () => {
    const { cluster, clock } = await synced([], { random: () => 0 });
    expect(cluster.watches[0]?.options.timeoutSeconds).toBe(300);
    await clock.advance(314_999);
    expect(cluster.watches.length).toBe(1);
    await clock.advance(1);
    expect(cluster.watches.length).toBe(2);
  });

  it("a listener that throws is logged, and the others still hear", async () => {
    const { cluster, copy, log } = await synced([]);
    const heard: string[] = [];
    copy.subscribe(() => {
      throw new Error("broken listener");
    });
    copy.subscribe((change) => heard.push(describeChange(change)));
    cluster.send({ type: "ADDED", object: pod("a", "11") });
    cluster.send({ type: "ADDED", object: pod("b", "12") });
    await settle();
    expect(heard).toEqual(["added a:11", "added b:12"]);
    expect(log.filter(([level]) => level === "error").length).toBe(2);
  });

  it("an object that cannot be read keeps its earlier state and does not end the watch", async () => {
    const { cluster, copy, log } = await synced([pod("a", "1")]);
    cluster.send({ type: "MODIFIED", object: pod("a", "unreadable") });
    cluster.send({ type: "ADDED", object: pod("b", "12") });
    await settle();
    expect(names(copy)).toEqual(["a:1", "b:12"]);
    expect(log.some(([level]) => level === "error")).toBe(true);
  });

  it("tells nothing when listing again finds the same states", async () => {
    const { cluster, changes, clock } = await synced([pod("a", "1")]);
    changes.length = 0;
    cluster.failWatch(new ClusterError("gone", "too old"));
    await settle();
    cluster.answerList(page("40", [pod("a", "1")]));
    await clock.advance(0);
    expect(changes).toEqual([]);
  });

  it("a list that arrives after the stop changes nothing any more", async () => {
    const { cluster, copy, changes, stop } = start();
    stop();
    cluster.answerList(page("10", [pod("a", "1")]));
    await settle();
    expect([names(copy), changes]).toEqual([[], []]);
  });

  it("ends on its signal, and whoever waits for the first state learns of it", async () => {
    const { cluster, copy, stop } = start();
    stop();
    cluster.failList(new Error("aborted"));
    await expect(copy.synced).rejects.toThrow("stopped");
    const later = await synced([]);
    later.stop();
    await settle();
    expect(later.cluster.watches[0]?.options.signal.aborted).toBe(true);
    await later.clock.advance(60_000);
    expect(later.cluster.watches.length).toBe(1);
  });
});

describe("informer of a server that streams its state", () => {
  it("collects the state beside the copy, and goes on as a watch on the same connection", async () => {
    const { cluster, copy, changes } = await streaming();
    expect(cluster.watches[0]?.options).toMatchObject({ sendInitialEvents: true, labelSelector: "app=web" });
    cluster.send({ type: "ADDED", object: pod("a", "7") });
    cluster.send({ type: "ADDED", object: pod("b", "3") });
    cluster.send({ type: "BOOKMARK", resourceVersion: "8" });
    await settle();
    expect([copy.hasSynced(), names(copy), changes]).toEqual([false, [], []]);
    cluster.send({ type: "BOOKMARK", resourceVersion: "9", initialEventsEnd: true });
    cluster.send({ type: "MODIFIED", object: pod("b", "10") });
    await settle();
    await copy.synced;
    expect(changes).toEqual(["added a:7", "added b:3", "updated b:3 → b:10"]);
    expect([cluster.watches.length, cluster.lists.length]).toEqual([1, 0]);
  });

  it("what changes while the state is told is part of it", async () => {
    const { cluster, changes } = await streaming();
    for (const name of ["a", "b", "c"]) cluster.send({ type: "ADDED", object: pod(name, "1") });
    cluster.send({ type: "MODIFIED", object: pod("a", "5") });
    cluster.send({ type: "DELETED", object: pod("b", "6") });
    cluster.send({ type: "BOOKMARK", resourceVersion: "6", initialEventsEnd: true });
    await settle();
    expect(changes).toEqual(["added a:5", "added c:1"]);
  });

  it("after 410 it streams again and tells what vanished", async () => {
    const { cluster, copy, changes } = await streaming();
    for (const name of ["a", "b"]) cluster.send({ type: "ADDED", object: pod(name, "1") });
    cluster.send({ type: "BOOKMARK", resourceVersion: "2", initialEventsEnd: true });
    cluster.failWatch(new ClusterError("gone", "too old resource version"));
    await settle();
    changes.length = 0;
    cluster.send({ type: "ADDED", object: pod("b", "30") });
    await settle();
    expect(names(copy)).toEqual(["a:1", "b:1"]);
    cluster.send({ type: "BOOKMARK", resourceVersion: "31", initialEventsEnd: true });
    await settle();
    expect(changes).toEqual(["deleted a:1", "updated b:1 → b:30"]);
    expect(cluster.watches.map((watch) => watch.options.sendInitialEvents)).toEqual([true, true]);
  });

  it.each(["badRequest", "forbidden", "invalid"] as const)(
    "refused as %s, it lists at once, and also the next time",
    async (kind) => {
      const { cluster } = await streaming();
      cluster.failWatch(new ClusterError(kind, "sendInitialEvents is not known here"));
      await settle();
      cluster.answerList(page("10", []));
      await settle();
      expect([cluster.lists.length, cluster.watches.at(-1)?.options.resourceVersion]).toEqual([1, "10"]);
      cluster.failWatch(new ClusterError("gone", "too old resource version"));
      await settle();
      expect([cluster.lists.length, cluster.watches.length]).toEqual([2, 2]);
    },
  );

  it("lists when the state is not complete in time, as from a server that takes it for any watch", async () => {
    const { cluster, clock, copy } = await streaming();
    cluster.send({ type: "ADDED", object: pod("a", "1") });
    await clock.advance(29_999);
    expect(cluster.lists.length).toBe(0);
    await clock.advance(1);
    expect(cluster.watches[0]?.options.signal.aborted).toBe(true);
    cluster.answerList(page("10", [pod("a", "1"), pod("b", "2")]));
    await settle();
    expect(names(copy)).toEqual(["a:1", "b:2"]);
  });

  it("once complete, it may stay silent as long as any watch", async () => {
    const { cluster, clock } = await streaming({ random: () => 0 });
    await clock.advance(20_000);
    cluster.send({ type: "BOOKMARK", resourceVersion: "9", initialEventsEnd: true });
    await clock.advance(294_999);
    expect(cluster.watches.length).toBe(1);
    await clock.advance(1);
    expect(cluster.watches.map((watch) => watch.options.resourceVersion)).toEqual([undefined, "9"]);
  });

  it("takes the small steps of a list when the stream breaks twice", async () => {
    const { cluster, clock } = await streaming();
    cluster.failWatch(new ClusterError("unavailable", "connection reset"));
    await clock.advance(30_000);
    expect([cluster.watches.length, cluster.lists.length]).toEqual([2, 0]);
    cluster.close();
    await clock.advance(30_000);
    expect([cluster.watches.length, cluster.lists.length]).toEqual([2, 1]);
  });
});
