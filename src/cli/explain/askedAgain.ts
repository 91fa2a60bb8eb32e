import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import { PODS } from "../../cluster/resource.ts";
import { type ExplainedPod, type OpenedSet, refusalKey, refusedUpgrades } from "../../core/explanation/explainPod.ts";
import { podKey, podRecord } from "../../core/pod/podRecord.ts";

/** A few are enough: what refuses one pod refuses the others alike. */
const MOST_ASKED = 5;

/**
 * What the API server and its admission say to upgrades that a manager reports as refused. Only a manager has seen the refusal, so they
 * are asked again, as dry runs.
 */
export async function refusalsOf(
  cluster: Cluster,
  opened: readonly OpenedSet[],
  pods: readonly ExplainedPod[],
): Promise<ReadonlyMap<string, string>> {
  const meant = new Map(pods.map(({ object }) => [podKey(podRecord(object)), object]));
  const asked = opened.flatMap((each) =>
    [...refusedUpgrades(each)].flatMap(([pod, operations]) => {
      const { name = "", namespace = "default" } = meant.get(pod)?.metadata ?? {};
      return meant.has(pod) ? [{ key: refusalKey(each.set, pod), name: { name, namespace }, operations }] : [];
    }),
  );
  const answers = await Promise.all(
    asked.slice(0, MOST_ASKED).map(async ({ key, name, operations }): Promise<(readonly [string, string])[]> => {
      try {
        await cluster.patch(PODS, name, { type: "json", operations }, { dryRun: true });
        return [];
      } catch (error) {
        // Who only reads may not ask, and is told what the status tells.
        if (isClusterError(error, "conflict", "notFound")) return [];
        return isClusterError(error) ? [[key, error.message]] : Promise.reject(error as Error);
      }
    }),
  );
  return new Map(answers.flat());
}
