import { CopyStore } from "../src/cluster/copyStore.ts";
import type { Pod } from "../src/core/kube/pod.ts";
import { podRecord } from "../src/core/pod/podRecord.ts";
import { readPodList } from "../src/kubeapi/protobuf/answer.ts";
import { watchEvents } from "../src/kubeapi/watchStream.ts";
import type { ApiObject } from "../src/simulator/apiObject.ts";
import { podEventFrame, podListBytes } from "../src/simulator/https/protobufAnswer.ts";
import { median, rounded } from "./median.ts";
import { afterHeartbeat, wirePod } from "./wirePods.ts";

const PODS = 500;
const LISTED = 10_000;
const EVENTS = 4000;
const ROUNDS = 9;
/** The compiler is at work in the first ones. */
const WARM_UP = 2;
const CHUNK = 64 * 1024;

/**
 * What the client does with pods, without the network: from the bytes of a watch to the copy, for events that change nothing a record
 * holds, and from the pages of a list to the copy. Both formats in turn.
 */
export async function podEvents(): Promise<object> {
  const pods = Array.from({ length: PODS }, (_, index) => wirePod(index));
  const beats = Array.from({ length: EVENTS }, (_, beat) => afterHeartbeat(pods[beat % PODS]!, beat + 1));
  const formats = [protobuf(pods, beats), json(pods, beats)];
  const us: number[][] = [[], []];
  const ms: number[][] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, format] of formats.entries()) {
      const store = new CopyStore<Pod, unknown>(podRecord, console.error);
      ms[index]!.push(await cpuMs(() => listAll(store, format)));
      us[index]!.push(((await cpuMs(() => follow(store, format))) * 1000) / EVENTS);
    }
  }
  const [overProtobuf = 0, overJson = 0] = us.map((rounds) => median(rounds.slice(WARM_UP)));
  const [listOverProtobuf = 0, listOverJson = 0] = ms.map((rounds) => median(rounds.slice(WARM_UP)));
  return {
    jsonBytes: JSON.stringify(pods[0]).length,
    protobufBytes: podEventFrame({ type: "MODIFIED", object: pods[0]! }).length,
    eventUs: rounded(overProtobuf, 1),
    eventUsOverJson: rounded(overJson, 1),
    ratio: rounded(overProtobuf / overJson, 2),
    list10000Ms: Math.round(listOverProtobuf),
    list10000MsOverJson: Math.round(listOverJson),
    listRatio: rounded(listOverProtobuf / listOverJson, 2),
  };
}

interface Format {
  readonly contentType: string;
  readonly page: Buffer;
  readonly readPage: (page: Buffer) => readonly Pod[];
  readonly events: Buffer;
}

function protobuf(pods: readonly ApiObject[], events: readonly ApiObject[]): Format {
  return {
    contentType: "application/vnd.kubernetes.protobuf;stream=watch",
    page: podListBytes({ ...LIST, items: pods }),
    readPage: (page) => readPodList(page).items,
    events: Buffer.concat(events.map((object) => podEventFrame({ type: "MODIFIED", object }))),
  };
}

function json(pods: readonly ApiObject[], events: readonly ApiObject[]): Format {
  return {
    contentType: "application/json",
    page: Buffer.from(JSON.stringify({ ...LIST, items: pods })),
    readPage: (page) => (JSON.parse(page.toString("utf8")) as { readonly items: readonly Pod[] }).items,
    events: Buffer.from(events.map((object) => `${JSON.stringify({ type: "MODIFIED", object })}\n`).join("")),
  };
}

const LIST = { apiVersion: "v1", kind: "PodList", metadata: { resourceVersion: "1" }, itemsNameKind: false };

/** Each page anew, as it would come from the server: 500 pods at a time. */
function listAll(store: CopyStore<Pod, unknown>, { page, readPage }: Format): void {
  for (let listed = 0; listed < LISTED; listed += PODS) {
    const staged = store.stage();
    for (const pod of readPage(page)) store.addTo(staged, pod);
    if (listed + PODS === LISTED) store.replace(staged);
  }
}

async function follow(store: CopyStore<Pod, unknown>, { contentType, events }: Format): Promise<void> {
  let applied = 0;
  const { signal } = new AbortController();
  for await (const event of watchEvents<Pod>({ contentType, chunks: chunksOf(events) }, signal)) {
    if (event.type === "BOOKMARK") continue;
    store.apply(event.type, event.object);
    applied++;
  }
  if (applied !== EVENTS) throw new Error(`${applied} of ${EVENTS} events were read`);
}

async function* chunksOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += CHUNK) yield bytes.subarray(start, start + CHUNK);
}

async function cpuMs(work: () => Promise<void> | void): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
