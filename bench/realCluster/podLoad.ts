/** Creates pods through the API server, dry run, as fast as the answers come; a process of its own. */
import { median, rounded } from "../median.ts";
import { podReview } from "../podReview.ts";
import { rawClient } from "./apiServerClient.ts";
import { MARKS } from "./podMarks.ts";

export interface PodLoad {
  readonly kubeconfig: string;
  readonly namespace: string;
  readonly app: string;
  readonly variables: number;
  readonly atOnce: number;
  readonly seconds: number;
  /** Those that every answer has; no other is in any. */
  readonly marks: readonly string[];
}

export interface PodLoadResult {
  readonly pods: number;
  readonly perSecond: number;
  readonly medianMs: number;
}

process.on("message", (load: PodLoad) => {
  run(load).then(
    (result) => process.send!(result),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function run(load: PodLoad): Promise<PodLoadResult> {
  const client = rawClient(load.kubeconfig, load.atOnce);
  const body = podText(load);
  const path = `/api/v1/namespaces/${load.namespace}/pods?dryRun=All`;
  const create = async (): Promise<void> => check(load, await client.send({ method: "POST", path, body }));
  await Promise.all(Array.from({ length: load.atOnce }, create));
  const times: number[] = [];
  const started = performance.now();
  const until = started + load.seconds * 1000;
  const worker = async (): Promise<void> => {
    for (let sent = performance.now(); sent < until; sent = performance.now()) {
      await create();
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: load.atOnce }, worker));
  const seconds = (performance.now() - started) / 1000;
  await client.close();
  return { pods: times.length, perSecond: rounded(times.length / seconds, 1), medianMs: rounded(median(times), 2) };
}

function check({ marks }: PodLoad, { status, body }: { readonly status: number; readonly body: Buffer }): void {
  if (status !== 201) throw new Error(`status ${status}: ${body}`);
  for (const mark of Object.values(MARKS)) {
    const expected = marks.includes(mark);
    if (body.includes(mark) !== expected) throw new Error(`${mark} is ${expected ? "missing" : "there"}: ${body}`);
  }
}

/** The pod of the other admission benchmarks, as a client sends it. */
function podText({ namespace, app, variables }: PodLoad): string {
  const { metadata, spec } = JSON.parse(podReview(variables)).request.object;
  const { generateName, labels, annotations } = metadata;
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { generateName, namespace, labels: { ...labels, app }, annotations },
    spec,
  });
}
