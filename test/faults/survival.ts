import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import type { Cluster } from "../../src/cluster/cluster.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import type { BadLine } from "./badLine.ts";
import { sorted, type WatchedCopy } from "./watchedCopy.ts";

export interface Survival {
  /** How many are injected before the line becomes calm. */
  readonly faults: number;
  /** The server itself, on a good line. */
  readonly cluster: Cluster;
  readonly namespace: string;
}

/** Longer than a silent watch may last. */
const CALM_MS = 900_000;
/** How often the copies are looked at until they have caught up, and when they have had time enough even on a machine that is too slow for its sockets. */
const LOOK_MS = 60_000;
const LONGEST_MS = 4 * 3600_000;

/** Writes over a bad line until so much has gone wrong; then every copy has to become as the server is, and to have told how it came there. */
export async function expectSurvival(line: BadLine, { faults, cluster, namespace }: Survival): Promise<void> {
  const { proxy, writer, copies } = line;
  let writing = true;
  const written = writer.run(() => proxy.counts.total < faults).finally(() => (writing = false));
  await line.until(() => !writing);
  await written;
  proxy.becalm();
  const stored = (copy: WatchedCopy): Promise<readonly KubeObject[]> => storedFor(copy, cluster, namespace);
  for (let passed = 0; passed < LONGEST_MS && !(await allEqual(copies, stored)); passed += LOOK_MS)
    await line.pass(LOOK_MS);
  await line.pass(CALM_MS); // what comes late must not turn them back
  for (const copy of copies) {
    expect(copy.content).toEqual(await stored(copy));
    expect(copy.told).toEqual(copy.content);
    expect(copy.contradictions).toEqual([]);
  }
  expect(proxy.counts.total).toBeGreaterThanOrEqual(faults);
  expect([...proxy.writes.values()].filter((times) => times !== 1)).toEqual([]);
}

async function allEqual(
  copies: readonly WatchedCopy[],
  stored: (copy: WatchedCopy) => Promise<readonly KubeObject[]>,
): Promise<boolean> {
  for (const copy of copies) if (!isDeepStrictEqual(copy.content, await stored(copy))) return false;
  return true;
}

/** As the server has it, in the same words. */
async function storedFor({ type }: WatchedCopy, cluster: Cluster, namespace: string): Promise<readonly KubeObject[]> {
  const { items } = await cluster.list(type, { namespace, sparse: true });
  return sorted(items);
}
