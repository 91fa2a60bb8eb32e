import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { startInformer } from "../../src/cluster/informer.ts";
import { PODS } from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import { ApiServer } from "../../src/simulator/apiServer.ts";
import { inMemoryCluster } from "../../src/simulator/inMemoryCluster.ts";
import { VirtualClock } from "../virtualClock.ts";

/** What can happen to a cluster and to those who watch it. */
type Happening =
  | { readonly does: "create" | "label" | "delete" | "recreate"; readonly pod: number }
  | { readonly does: "cutWatches" | "forgetHistory" | "letTimePass" };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    does: fc.constantFrom("create" as const, "label" as const, "delete" as const, "recreate" as const),
    pod: fc.nat(4),
  }),
  fc.record({ does: fc.constantFrom("cutWatches" as const, "forgetHistory" as const, "letTimePass" as const) }),
);

describe("local copy", () => {
  it("whatever happens, it ends up as the cluster is, and its changes tell the way there", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 30 }), fc.constantFrom(1, 2, 500), async (events, pageSize) => {
        const clock = new VirtualClock();
        const environment = { clock, random: () => 0.5, log: () => {} };
        const server = new ApiServer({ environment });
        const cluster = inMemoryCluster(server);
        const stop = new AbortController();
        const copy = startInformer<KubeObject, KubeObject>({
          cluster,
          type: PODS,
          transform: (pod) => pod,
          environment,
          signal: stop.signal,
          pageSize,
        });
        const told = new Map<string, KubeObject>();
        const faults: string[] = [];
        copy.subscribe((change) => {
          const name = (change.type === "deleted" ? change.old : change.object).metadata.name ?? "";
          const known = told.get(name);
          if ((change.type === "added") === (known !== undefined)) faults.push(`${change.type} ${name} out of turn`);
          if (change.type !== "added" && change.old !== known) faults.push(`${name}: old is not what was told before`);
          if (change.type === "deleted") told.delete(name);
          else told.set(name, change.object);
        });

        for (const event of events) await happen(event, { server, cluster, clock });
        await clock.advance(60_000);

        const { items } = await cluster.list(PODS);
        expect(faults).toEqual([]);
        expect(versions(copy.values())).toEqual(versions(items));
        expect(versions(told.values())).toEqual(versions(items));
        stop.abort();
        await clock.advance(0);
      }),
      { numRuns: 60 },
    );
  });
});

interface World {
  readonly server: ApiServer;
  readonly cluster: Cluster;
  readonly clock: VirtualClock;
}

async function happen(event: Happening, { server, cluster, clock }: World): Promise<void> {
  switch (event.does) {
    case "create":
      return void (await cluster.create(PODS, aPod(event.pod)).catch(() => undefined));
    case "label": {
      const patch = { metadata: { labels: { at: String(Math.floor(clock.now())), pod: String(event.pod) } } };
      return void (await cluster.patch(PODS, nameOf(event.pod), { type: "merge", patch }).catch(() => undefined));
    }
    case "delete":
      return void (await cluster.delete(PODS, nameOf(event.pod)).catch(() => undefined));
    case "recreate":
      await cluster.delete(PODS, nameOf(event.pod)).catch(() => undefined);
      return void (await cluster.create(PODS, aPod(event.pod)));
    case "cutWatches":
      return server.close();
    case "forgetHistory":
      return server.compact();
    case "letTimePass":
      return clock.advance(700);
  }
}

function nameOf(pod: number): { namespace: string; name: string } {
  return { namespace: "default", name: `pod-${pod}` };
}

function aPod(pod: number): KubeObject {
  const spec = { containers: [{ name: "app", image: "app:1" }] };
  return { apiVersion: "v1", kind: "Pod", metadata: nameOf(pod), spec } as KubeObject;
}

function versions(objects: Iterable<KubeObject>): string[] {
  return [...objects].map(({ metadata }) => `${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`).sort();
}
