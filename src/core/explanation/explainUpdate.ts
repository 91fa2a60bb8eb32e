import { podKey, podRecord } from "../pod/podRecord.ts";
import { holdsBudget } from "../rollout/bookEntry.ts";
import { ORDER_OF_CHECKS } from "../rollout/judgePod.ts";
import { type PodFacts, podFacts } from "../rollout/podFacts.ts";
import type { Because, Verdict } from "../rollout/verdict.ts";
import { HASH_ANNOTATION, SIDECAR_SET_NAME_LABEL } from "../sidecarSet/annotations.ts";
import { type ExplainedPod, undo } from "./commands.ts";
import type { Check, Holder, Queue, UpdateAnswer } from "./explanation.ts";
import { holder, unavailableBecause } from "./podState.ts";
import { NOT_OBSERVED, type UpdateReason, updateCode } from "./reasonNames.ts";
import { type AskedUpdate, type Blocker, LOOKS } from "./updateChecks.ts";
import { type OpenedSet, refusedUpgrades, type World } from "./world.ts";

/** What keeps a pod that has the sidecars from the newest revision, in the order in which the engine asks. */
const BLOCKERS: readonly Blocker[] = [
  ...ORDER_OF_CHECKS.filter((because) => because in LOOKS).map((because) => because as Blocker),
  "updatesStopped",
  "writeRefused",
  "unreadableStrategy",
  "maxUnavailablePerOwner",
  "partition",
  "maxUnavailable",
  NOT_OBSERVED,
];

/** Nothing is to be done about these. */
const SETTLED: ReadonlySet<UpdateReason> = new Set<UpdateReason>(["upToDate", "imageOverridden", "inactivePod"]);

/**
 * How far a pod that has the sidecars is with the newest revision: the verdict of the living rollout, with what it looked at.
 * @returns undefined for a pod without the set's sidecars
 */
export function explainUpdate(pod: ExplainedPod, opened: OpenedSet, world: World): UpdateAnswer | undefined {
  const record = podRecord(pod.object);
  const key = podKey(record);
  const [entry, verdict] = [opened.entries.get(key), opened.verdicts.get(key)];
  if (!entry || !verdict || (verdict.kind !== "upgrade" && verdict.because === "notInjected")) return undefined;
  const facts = podFacts(record, opened.rules);
  const because = reasonOf(verdict, key, opened);
  const revision = { carried: carriedRevision(facts, opened, world), target: opened.target };
  const waitsForBudget = because === "maxUnavailable" || because === "maxUnavailablePerOwner";
  const holders = waitsForBudget ? holdersOf(opened, world.now) : [];
  const asked: AskedUpdate = { pod, facts, opened, world, verdict, entry, holders };
  if (SETTLED.has(because)) return { ...settled(asked, because), revision };
  const chain = chainOf(asked, because as Blocker);
  const { advice } = LOOKS[because as Blocker];
  const last = chain.at(-1)!;
  const queue = queueOf(verdict, opened);
  return {
    code: updateCode(because),
    because,
    message: `${last.observed}; expected: ${last.expected}`,
    finding: true,
    chain,
    ...(advice !== undefined && { advice: advice(asked) }),
    revision,
    ...(waitsForBudget && opened.budget && { budget: { ...opened.budget, holders } }),
    ...(queue && { queue }),
  };
}

/** A pod that was injected before its revision was recorded does not name it: the hash tells it. */
function carriedRevision({ carries }: PodFacts, { set }: OpenedSet, { revisions }: World): string {
  const ofHash = revisions.find(
    ({ metadata: { labels, annotations } }) =>
      labels?.[SIDECAR_SET_NAME_LABEL] === set.name && annotations?.[HASH_ANNOTATION] === carries.hash,
  );
  return carries.controllerRevision || (ofHash?.metadata.name ?? "");
}

/** A pod whose turn has come has no reason of the engine's: what is missing is that somebody carries it out. */
function reasonOf(verdict: Verdict, key: string, opened: OpenedSet): UpdateReason {
  if (verdict.kind !== "upgrade") return verdict.because as Exclude<Because, "notInjected">;
  return refusedUpgrades(opened).has(key) ? "writeRefused" : NOT_OBSERVED;
}

function chainOf(asked: AskedUpdate, hit: Blocker): readonly Check[] {
  return BLOCKERS.slice(0, BLOCKERS.indexOf(hit) + 1).map((because) => {
    const { check, look, fix } = LOOKS[because];
    const ok = because !== hit;
    const mending = ok ? undefined : fix?.(asked);
    return { code: updateCode(because), check, ok, ...look(asked), ...(mending !== undefined && { fix: mending }) };
  });
}

/** Up to date is not the end of it: the sidecar may not come up. */
function settled(asked: AskedUpdate, because: UpdateReason): Omit<UpdateAnswer, "revision"> {
  const { facts, entry, verdict, opened } = asked;
  const code = updateCode(because);
  const answer = (message: string, chain: readonly Check[], finding = false) => ({
    code,
    because,
    message,
    finding,
    chain,
  });
  if (because === "inactivePod") {
    const phase = verdict.kind === "skip" && verdict.because === "inactivePod" ? verdict.phase : facts.pod.phase;
    const observed = `phase ${phase}`;
    return answer(`the pod counts no more: ${observed}`, [
      { code, check: "active", ok: false, observed, expected: "active" },
    ]);
  }
  const revision: Check = {
    code,
    check: "revision",
    ok: true,
    observed: facts.carries.controllerRevision,
    expected: opened.target,
  };
  const kept = verdict.kind === "skip" && verdict.because === "imageOverridden" ? [verdict] : [];
  const images: readonly Check[] = kept.map(({ container, image }) => ({
    code,
    check: "image",
    ok: true,
    observed: `${container} runs ${image}, as the pod's annotation has it`,
    expected: "the pod's own tag",
  }));
  const drift: readonly Check[] = entry.report.drifted
    ? [{ code, check: "image", ok: false, observed: "edited by hand", expected: "the image of the SidecarSet" }]
    : [];
  const chain = [revision, ...images, ...drift];
  if (entry.available) {
    const message =
      drift.length > 0 ? "up to date by its records, but a sidecar was edited by hand" : "up to date and ready";
    const mended =
      drift.length > 0 ? { advice: "it is left alone until the next release; recreate the pod to end it now" } : {};
    return { ...answer(message, chain, drift.length > 0), ...mended };
  }
  const observed = unavailableBecause(facts);
  const isStuck = entry.report.failing !== undefined || entry.overdue;
  const own: Check = {
    code,
    check: "ready",
    ok: false,
    observed,
    expected: "every sidecar runs its image, and the pod is ready",
  };
  const fix = entry.report.failing === undefined ? undefined : undo(opened.set.name, asked.world.systemNamespace);
  return {
    ...answer(
      `updated, not ready yet: ${observed}`,
      [...chain, { ...own, ...(fix !== undefined && { fix }) }],
      isStuck,
    ),
    advice: isStuck ? "it does not get ready by itself: mend the image, or go back" : "wait until it is ready",
  };
}

function holdersOf({ entries, rules }: OpenedSet, now: number): readonly Holder[] {
  const holders: Holder[] = [];
  for (const entry of entries.values()) if (holdsBudget(entry)) holders.push(holder(entry, rules, now));
  return holders.sort((one, other) => (other.forSeconds ?? 0) - (one.forSeconds ?? 0));
}

function queueOf(verdict: Verdict, { set }: OpenedSet): Queue | undefined {
  const place = placeOf(verdict);
  if (place === undefined) return undefined;
  const { priorityStrategy, scatterStrategy } = set.spec.updateStrategy;
  return {
    place,
    order: [
      ...(priorityStrategy ? ["priority"] : []),
      "not ready first, then the shortest ready",
      ...(scatterStrategy.length > 0 ? [`scattered by ${scatterStrategy.map(({ key }) => key).join(", ")}`] : []),
    ],
  };
}

function placeOf(verdict: Verdict): number | undefined {
  if (verdict.kind !== "wait") return undefined;
  if (verdict.because === "partition") return verdict.rank;
  return verdict.because === "maxUnavailable" ? verdict.place : undefined;
}
