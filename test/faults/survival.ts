import { expect } from "vitest";
import type { Cluster } from "../../src/cluster/cluster.ts";
import type { BadLine } from "./badLine.ts";
import { sorted } from "./watchedCopy.ts";

export interface Survival {
  /** How many are injected before the line becomes calm. */
  readonly faults: number;
  /** The server itself, on a good line. */
  readonly cluster: Cluster;
  readonly namespace: string;
}

/** Longer than a silent watch may last. */
const CALM_MS = 900_000;

/** Writes over a bad line until so much has gone wrong; then every copy has to be as the server is, and to have told how it came there. */
export async function expectSurvival(line: BadLine, { faults, cluster, namespace }: Survival): Promise<void> {
  const { proxy, writer, copies } = line;
  let writing = true;
  const written = writer.run(() => proxy.counts.total < faults).finally(() => (writing = false));
  await line.until(() => !writing);
  await written;
  proxy.becalm();
  await line.pass(CALM_MS);
  await line.pass(CALM_MS); // the second time for what has only just begun
  for (const { type, content, told, contradictions } of copies) {
    const { items } = await cluster.list(type, { namespace });
    expect(content).toEqual(sorted(items));
    expect(told).toEqual(content);
    expect(contradictions).toEqual([]);
  }
  expect(proxy.counts.total).toBeGreaterThanOrEqual(faults);
  expect([...proxy.writes.values()].filter((times) => times !== 1)).toEqual([]);
}
