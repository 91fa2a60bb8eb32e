import type { Cluster } from "../../cluster/cluster.ts";
import { systemClock } from "../../cluster/environment.ts";
import { SelfTest } from "../../controller/selfTest.ts";
import type { WebhookAnswer } from "../../core/installation/installation.ts";

/** The manager's own self-test, once, as the caller: a dry-run pod that nobody runs comes back with the webhook's mark. */
export async function tryWebhook(cluster: Cluster, namespace: string): Promise<WebhookAnswer> {
  const done = new AbortController();
  const selfTest = new SelfTest();
  let milliseconds = 0;
  let error = "";
  const timed: Pick<Cluster, "create"> = {
    async create(...request) {
      const start = performance.now();
      try {
        return await cluster.create(...request);
      } finally {
        milliseconds = Math.round(performance.now() - start);
      }
    },
  };
  await selfTest.run({
    cluster: timed,
    environment: {
      clock: systemClock,
      random: Math.random,
      log: (_level, _message, fields) => {
        error = String(fields?.error ?? "");
        done.abort();
      },
    },
    namespace,
    signal: done.signal,
  });
  if (selfTest.reached === undefined) return { kind: "untested", error };
  return selfTest.reached ? { kind: "reached", milliseconds } : { kind: "missed", error };
}
