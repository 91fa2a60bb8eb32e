import fc from "fast-check";
import { expect, it } from "vitest";
import { MOVES, type Move, OVERLAP_MS, RotationWorld, type Weather } from "../../test/properties/rotationWorld.ts";

const RUNS = Number(process.env.FUZZ_RUNS ?? 20);
const TIMEOUT_MS = 600_000;

it(
  "no replica is refused at any moment of a rotation, also by API servers that see the registration late",
  async () => {
    const seen = await everyMoment({ jumpDays: 80, isSecretDamaged: false, areApiServersLate: true });
    expect([...seen]).toEqual(expect.arrayContaining(["announce", "drop", "renewLeaf", "switch"]));
  },
  TIMEOUT_MS,
);

it(
  "no replica is refused at any moment, whatever happens to the Secret and to clocks",
  async () => {
    const seen = await everyMoment({ jumpDays: 200, isSecretDamaged: true, areApiServersLate: false });
    expect([...seen]).toEqual(expect.arrayContaining(["announce", "begin", "drop", "refused", "renewLeaf", "switch"]));
  },
  TIMEOUT_MS,
);

/** @returns the kinds of writes that there were */
async function everyMoment(weather: Weather): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(moves(), { minLength: 150, maxLength: 150 }), async (history) => {
      const world = await RotationWorld.start(weather);
      for (const move of history) await world.play(move);
      await world.settle();
      for (const write of world.writes) seen.add(write);
    }),
    // A history of this length takes minutes to be made smaller; the seed plays it again.
    { numRuns: RUNS, seed: 6, endOnFailure: true },
  );
  return seen;
}

function moves(): fc.Arbitrary<Move> {
  const move = fc.record({
    kind: fc.constantFrom(...MOVES),
    who: fc.nat(2),
    amount: fc.nat(999).map((thousandths) => thousandths / 1000),
    passes: fc.integer({ min: 0, max: OVERLAP_MS }),
  });
  return fc.noBias(move);
}
