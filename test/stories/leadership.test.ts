import { setMaxListeners } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { controllerPart } from "../../src/cli/run/leaderParts.ts";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { ClusterError } from "../../src/cluster/clusterError.ts";
import { Leadership } from "../../src/cluster/leadership.ts";
import { leaseTiming } from "../../src/cluster/leaseTiming.ts";
import { LEASES } from "../../src/cluster/resource.ts";
import { startCopies } from "../../src/cluster/startCopies.ts";
import { startParts } from "../../src/cluster/startParts.ts";
import { injectionRules } from "../../src/core/injection/injectionRules.ts";
import { FaultyView } from "./faultyView.ts";
import { StoryCluster } from "./storyCluster.ts";

const NEW = "logtail:1.0.1";
const SYSTEM_NAMESPACE = "kruise-system";
const PODS = 12;
const LIMIT = 2;
/** So that a lease runs out before the rollout has ended. */
const SLOW_PROBE = { tcpSocket: { port: 80 }, initialDelaySeconds: 8 };

let story: StoryCluster;
let managers: StoryManager[] = [];

afterEach(async () => {
  for (const manager of managers) manager.losesLease = false;
  const ends = managers.map((manager) => manager.end());
  await story.clock.advance(30_000);
  await Promise.all(ends);
  managers = [];
  story.stop();
  expect(story.observer.violations).toEqual([]);
});

describe("a rollout whose leader changes half way", () => {
  it.each([0, 1_000, 4_000])(
    "keeps its budget, also when the next one hears of the pods %d ms late",
    async (lateMs) => {
      const [first, second] = await twoManagers();
      second.view.delayPods(lateMs);
      await story.setImage(NEW);
      await story.until(() => story.observer.withImage(NEW).length >= 4);
      const ended = first.end();
      await story.clock.advance(1_000);
      await ended;
      expect(second.leads).toBe(true);
      await finished();
    },
  );

  it("is written by one of them only when the lease of the first is lost while it works", async () => {
    const [first, second] = await twoManagers();
    await story.setImage(NEW);
    await story.until(() => story.observer.withImage(NEW).length >= 2);
    first.losesLease = true;
    await story.until(() => !first.leads);
    const written = story.observer.imageWrites;
    await story.until(() => second.leads);
    expect(story.observer.imageWrites).toBe(written);
    await finished();
  });

  it("goes back and forth as often as the lease does", async () => {
    const [first, second] = await twoManagers();
    await story.setImage(NEW);
    let [leader, other] = [first, second];
    for (let turn = 0; turn < 3; turn++) {
      const before = story.observer.withImage(NEW).length;
      await story.until(() => story.observer.withImage(NEW).length > before);
      leader.losesLease = true;
      await story.until(() => other.leads);
      leader.losesLease = false;
      [leader, other] = [other, leader];
    }
    await finished();
    expect([first.terms, second.terms]).toEqual([2, 2]);
  });
});

async function finished(): Promise<void> {
  const { observer } = story;
  await story.until(() => observer.withImage(NEW).length === PODS && observer.unavailable.length === 0);
  expect(observer.imageWrites).toBe(PODS);
  expect(observer.mostUnavailable).toBeLessThanOrEqual(LIMIT);
}

/** Pods that run and are ready, and two managers, of which the first leads. */
async function twoManagers(): Promise<[StoryManager, StoryManager]> {
  story = await StoryCluster.start();
  await story.apply({ updateStrategy: { maxUnavailable: LIMIT } }, { readinessProbe: SLOW_PROBE });
  await story.createPods(PODS);
  story.stopController();
  const two: [StoryManager, StoryManager] = [new StoryManager("a"), new StoryManager("b")];
  managers = two;
  two[0].leadership.start();
  await story.clock.advance(1_000);
  two[1].leadership.start();
  await story.clock.advance(1_000);
  expect(two.map(({ leads }) => leads)).toEqual([true, false]);
  story.observer.expect({ maxUnavailable: LIMIT, samePods: true });
  return two;
}

/** What one process runs: copies of its own, over a line of its own. */
class StoryManager {
  readonly view: FaultyView;
  readonly leadership: Leadership;
  /** From here on the API server takes none of its renewals. */
  losesLease = false;
  terms = 0;
  readonly #stop = new AbortController();

  constructor(identity: string) {
    const { environment, clock } = story;
    const { signal } = this.#stop;
    setMaxListeners(0, signal);
    this.view = new FaultyView(this.#withoutLease(story.cluster), clock);
    const { cluster } = this.view;
    const rules = injectionRules({ systemNamespace: SYSTEM_NAMESPACE });
    const copies = startCopies({ cluster, environment, signal, systemNamespace: SYSTEM_NAMESPACE });
    const context = { cluster, environment, systemNamespace: SYSTEM_NAMESPACE, rules, copies, signal };
    this.leadership = new Leadership({
      cluster,
      environment,
      monotonicMs: () => clock.now(),
      lease: { namespace: SYSTEM_NAMESPACE, name: "sidecarset-manager" },
      identity,
      timing: leaseTiming(15),
      lead: (leading) => {
        this.terms++;
        return startParts([controllerPart(context, story.registrations!)], leading, environment);
      },
    });
  }

  get leads(): boolean {
    return this.leadership.role.kind === "leading";
  }

  async end(): Promise<void> {
    await this.leadership.stop();
    this.#stop.abort();
  }

  #withoutLease(cluster: Cluster): Cluster {
    return {
      ...cluster,
      update: async (type, object, options) => {
        if (type === LEASES && this.losesLease) throw new ClusterError("unavailable", "the line is broken");
        return cluster.update(type, object, options);
      },
    };
  }
}
