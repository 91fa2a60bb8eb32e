import { podKey } from "../../src/core/pod/podRecord.ts";
import { Draws } from "./draws.ts";
import { crashed, kubeletLooksAt } from "./kubelet.ts";
import {
  anyPod,
  type Edition,
  labelsOf,
  NAMESPACES,
  oddities,
  SET_NAMES,
  type SetName,
  specOf,
} from "./rolloutCases.ts";
import type { OnUpgrade, RolloutWorld } from "./rolloutWorld.ts";

/** What can happen; the number decides to whom, and how. */
export type Happening = readonly [kind: keyof typeof EVENTS, number: number];

type Event = (world: RolloutWorld, draws: Draws, onUpgrade: OnUpgrade) => void;

/** What a rollout does by itself, on a cluster where all goes well or an image turns out bad. */
export const CALM = ["act", "act", "act", "hear", "look", "look", "pass", "restart", "image"] as const;

export const EVENTS = {
  act: (world, draws, onUpgrade) => world.act(knownSet(world, draws), draws.pick([1000, 1000, 2]), onUpgrade),
  hear: (world, draws) => world.hear(draws.pick([1000, 1, 3])),
  look: (world, draws) => {
    const keys = [...world.server.keys()];
    const looks = draws.pick([1, 3, keys.length]);
    for (let look = 0; look < looks && keys.length > 0; look++) {
      const pod = world.server.get(looks === keys.length ? keys[look]! : draws.pick(keys))!;
      world.write(kubeletLooksAt(pod, world.now, draws));
    }
  },
  pass: (world, draws) => world.pass(draws.pick([500, 5000, 31_000, 61_000, 130_000, 700_000])),
  restart: (world) => world.restartController(),
  image: (world, draws) =>
    changed(world, draws, ({ image }) => ({ image: Math.max(1, (image + draws.pick([1, 3])) % 4) })),

  strategy: (world, draws) => changed(world, draws, () => ({ spec: specOf(draws) })),
  template: (world, draws) => changed(world, draws, () => ({ shape: draws.below(2) })),
  dropSet: (world, draws) => world.deleteSet(setName(draws)),
  endSet: (world, draws) => changed(world, draws, () => ({ deleting: true })),
  newSet: (world, draws) => {
    const name = setName(draws);
    const uid = (world.editions.get(name)?.uid ?? 0) + 1;
    world.edit(name, { uid, generation: 1, image: 1, shape: 0, spec: specOf(draws), deleting: false });
  },
  refuse: (world, draws) => world.refuse(setName(draws)),
  stop: (world) => {
    world.stop = { reason: "stopped", since: world.now };
  },
  go: (world) => {
    world.stop = undefined;
  },
  namespace: (world, draws) =>
    world.relabelNamespace(draws.pick(NAMESPACES), draws.pick([{ env: "prod" }, { env: "test" }, undefined])),

  create: (world, draws) => {
    const pod = anyPod(draws.below(400), draws);
    if (world.server.has(podKey(pod))) world.remove(podKey(pod));
    world.write({ ...pod, createdAt: world.now, uid: `uid-${world.now}-${pod.name}` });
  },
  remove: (world, draws) => onPod(world, draws, (pod) => world.remove(podKey(pod))),
  evict: (world, draws) => onPod(world, draws, (pod) => world.write({ ...pod, deleting: true })),
  end: (world, draws) =>
    onPod(world, draws, (pod) => world.write({ ...pod, phase: draws.pick(["Succeeded", "Failed", "Unknown"]) })),
  crash: (world, draws) => onPod(world, draws, (pod) => world.write(crashed(pod, world.now))),
  relabel: (world, draws) => onPod(world, draws, (pod) => world.write({ ...pod, labels: labelsOf(draws) })),
  annotate: (world, draws) =>
    onPod(world, draws, (pod) => world.write({ ...pod, annotations: { ...pod.annotations, ...oddities(draws) } })),
  heartbeat: (world, draws) =>
    onPod(world, draws, (pod) =>
      world.write({ ...pod, annotations: { ...pod.annotations, "example.com/at": `${world.now}` } }),
    ),
  /** Somebody else has upgraded the pod, or has taken it back. */
  overwrite: (world, draws) =>
    onPod(world, draws, (pod) => world.write({ ...pod, annotations: anyPod(0, draws).annotations })),
  editImage: (world, draws) =>
    onPod(world, draws, (pod) => {
      const at = draws.below(pod.containers.length);
      const image = draws.pick(["logtail:1", "envoy:1", "empty:1", "byhand:1"]);
      const containers = pod.containers.map((container, index) => (index === at ? { ...container, image } : container));
      world.write({ ...pod, containers, generation: pod.generation && pod.generation + 1 });
    }),
} as const satisfies Readonly<Record<string, Event>>;

/** Anything, but what a rollout lives from most often. */
export const WILD: readonly (keyof typeof EVENTS)[] = [
  ...(Object.keys(EVENTS) as (keyof typeof EVENTS)[]),
  ...(["act", "act", "act", "act", "act", "act", "hear", "hear", "hear", "look", "look", "look"] as const),
];

export function happen(world: RolloutWorld, [kind, number]: Happening, onUpgrade: OnUpgrade): void {
  (EVENTS[kind] as Event)(world, new Draws(number), onUpgrade);
}

function setName(draws: Draws): SetName {
  return draws.pick(SET_NAMES);
}

function knownSet({ editions }: RolloutWorld, draws: Draws): SetName {
  return editions.size === 0 ? setName(draws) : draws.pick([...editions.keys()]);
}

function onPod(world: RolloutWorld, draws: Draws, change: (pod: ReturnType<typeof anyPod>) => unknown): void {
  const keys = [...world.server.keys()];
  if (keys.length > 0) change(world.server.get(draws.pick(keys))!);
}

function changed(world: RolloutWorld, draws: Draws, change: (edition: Edition) => Partial<Edition>): void {
  const name = knownSet(world, draws);
  const edition = world.editions.get(name);
  if (edition) world.edit(name, { ...edition, ...change(edition), generation: edition.generation + 1 });
}
