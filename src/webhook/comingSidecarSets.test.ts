import { describe, expect, it } from "vitest";
import { aSidecarSet } from "../../test/aSidecarSet.ts";
import { VirtualClock } from "../../test/virtualClock.ts";
import type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";
import { ComingSidecarSets } from "./comingSidecarSets.ts";

const pod = (app: string) => ({ metadata: { labels: { app } } });
const manifest = {
  apiVersion: "apps.kruise.io/v1beta1",
  kind: "SidecarSet",
  metadata: { name: "logging" },
  spec: { selector: { matchLabels: { app: "web" } }, containers: [{ name: "log", image: "log:1" }] },
};

function aWorld() {
  const clock = new VirtualClock();
  const known = new Map<string, SidecarSet>();
  const copy = {
    hasSynced: () => true,
    synced: Promise.resolve(),
    get: ({ name }: { name: string }) => known.get(name),
  };
  const coming = new ComingSidecarSets({ ...copy, values: () => known.values(), subscribe: () => () => {} }, clock);
  /** How long a pod waits, in ms. */
  const waits = async (app: string): Promise<number> => {
    const from = clock.now();
    const arrived = coming.arrived(pod(app));
    if (arrived === undefined) return 0;
    let took: number | undefined;
    void arrived.then(() => {
      took = clock.now() - from;
    });
    await clock.advanceUntil(() => took !== undefined, 10_000, 1);
    return took!;
  };
  return { clock, known, coming, waits };
}

describe("a pod that comes right after its SidecarSet", () => {
  it("waits until that is known, and no longer", async () => {
    const { clock, known, coming, waits } = aWorld();
    coming.expect(manifest);
    clock.after(20, () => known.set("logging", aSidecarSet()));
    expect(await waits("web")).toBeGreaterThanOrEqual(20);
    expect(await waits("web")).toBe(0);
  });

  it("waits for none that does not select it, and for none at all where none is on its way", async () => {
    const { coming, waits } = aWorld();
    expect(await waits("web")).toBe(0);
    coming.expect(manifest);
    expect(await waits("other")).toBe(0);
  });

  it("gives up on one that is not stored", async () => {
    const { coming, waits } = aWorld();
    coming.expect(manifest);
    const waited = await waits("web");
    expect(waited).toBeGreaterThanOrEqual(500);
    expect(waited).toBeLessThan(520);
    expect(await waits("web")).toBe(0);
  });
});
