import { Agent, createServer, request as httpsRequest, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { createAuthority, issueLeaf, type KeyPair } from "../src/certificate/authority.ts";
import { systemClock } from "../src/cluster/environment.ts";
import type { LocalCopy } from "../src/cluster/localCopy.ts";
import type { Namespace } from "../src/core/kube/object.ts";
import { HASH_ANNOTATION, HASH_WITHOUT_IMAGE_ANNOTATION } from "../src/core/sidecarSet/annotations.ts";
import { sidecarSetHashes } from "../src/core/sidecarSet/hash.ts";
import { parseSidecarSet } from "../src/core/sidecarSet/parseSidecarSet.ts";
import type { SidecarSet } from "../src/core/sidecarSet/sidecarSet.ts";
import { admissionReviewOf, parseAdmissionReview } from "../src/webhook/admissionReview.ts";
import { admitPod } from "../src/webhook/admitPod.ts";
import { startWebhookServer } from "../src/webhook/server.ts";
import { median, rounded } from "./median.ts";
import { podReview } from "./podReview.ts";

const WARM_UP = 3_000;
const ROUNDS = 1_000;
const CONNECTIONS = 16;
const SECONDS_PER_RUN = 2;
const RUNS = 5;

const OTHERS = 200;

/** Parse, decide, encode, for a pod of about 9 KB; also beside 200 sets for other pods. The baseline parses and prints the same text. */
export async function admissionInProcess(): Promise<object> {
  const text = podReview();
  const others = Array.from({ length: OTHERS }, (_, index) => sidecarSet(`other-${index}`));
  const admitWith = (sidecarSets: readonly SidecarSet[]) => (): string => {
    const gathered = { sidecarSets, revisions: [], namespaceLabels: { "kubernetes.io/metadata.name": "shop" } };
    const request = parseAdmissionReview(text);
    if (!request.ok) throw new Error(request.error);
    const answer = JSON.stringify(admissionReviewOf(request.value.uid, admitPod(request.value, gathered, Date.now())));
    if (!answer.includes('"patch"')) throw new Error(`nothing was injected: ${answer}`);
    return answer;
  };
  const baseline = (): string => JSON.stringify(JSON.parse(text));
  const [ours = 0, theirs = 0, besideOthers = 0] = perCall([
    admitWith([sidecarSet()]),
    baseline,
    admitWith([...others, sidecarSet()]),
  ]);
  return {
    bytes: text.length,
    medianMs: rounded(ours),
    baselineMs: rounded(theirs),
    ratio: rounded(ours / theirs, 2),
    beside200SetsMs: rounded(besideOthers),
  };
}

/** Requests a second over TLS on 16 kept connections, ours and a bare node:https server in turn; the medians of five runs each. */
export async function admissionOverHttps(): Promise<object> {
  const authority = await createAuthority({ commonName: "bench", now: Date.now() });
  const certificate = await issueLeaf(authority, {
    commonName: "bench",
    usage: "server",
    now: Date.now(),
    ipAddresses: ["127.0.0.1"],
  });
  const ours = await startWebhookServer({
    host: "127.0.0.1",
    port: 0,
    certificate,
    copies: {
      sidecarSets: copyOf<SidecarSet | undefined>([sidecarSet()]),
      namespaces: copyOf<Namespace>([{ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } }]),
      revisions: copyOf<never>([]),
    },
    cluster: { get: () => Promise.reject(new Error("admission asked the network")) },
    environment: { clock: systemClock, random: Math.random, log: () => {} },
    systemNamespace: "kruise-system",
  });
  const bare = await bareServer(certificate);
  const barePort = (bare.address() as AddressInfo).port;
  const rates: { ours: number[]; bare: number[] } = { ours: [], bare: [] };
  for (let run = 0; run < RUNS; run++) {
    rates.ours.push(await requestsPerSecond(ours.port, authority.certificate));
    rates.bare.push(await requestsPerSecond(barePort, authority.certificate));
  }
  bare.close();
  bare.closeAllConnections();
  await ours.close();
  const [mine, baseline] = [median(rates.ours), median(rates.bare)];
  return {
    connections: CONNECTIONS,
    perSecond: Math.round(mine),
    barePerSecond: Math.round(baseline),
    ratio: rounded(mine / baseline, 2),
  };
}

/** Median milliseconds a call of each, taken in turn: the machine's good and bad moments meet all of them alike. */
function perCall(works: readonly (() => string)[]): number[] {
  for (const work of works) for (let round = 0; round < WARM_UP; round++) work();
  const blocks = works.map((): number[] => []);
  for (let run = 0; run < RUNS; run++) {
    works.forEach((work, index) => {
      blocks[index]!.push(median(Array.from({ length: ROUNDS }, () => timeOf(work))));
    });
  }
  return blocks.map(median);
}

function timeOf(work: () => string): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

/** The least a webhook can do: read the body, parse it, allow. */
async function bareServer({ certificate, privateKey }: KeyPair): Promise<Server> {
  const server = createServer({ cert: certificate, key: privateKey }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const { request: review } = JSON.parse(Buffer.concat(chunks).toString());
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({
          apiVersion: "admission.k8s.io/v1",
          kind: "AdmissionReview",
          response: { uid: review.uid, allowed: true },
        }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

/** Client and server share this process, for both servers alike: the ratio counts, not the rate. */
async function requestsPerSecond(port: number, ca: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS, ca });
  const body = podReview();
  const end = performance.now() + SECONDS_PER_RUN * 1000;
  let done = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      await post(agent, port, body);
      done++;
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  agent.destroy();
  return (done * 1000) / (performance.now() - started);
}

function post(agent: Agent, port: number, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const call = httpsRequest(
      { agent, host: "127.0.0.1", port, path: "/mutate-pods", method: "POST", headers },
      (response) => {
        response.resume();
        response.on("end", () =>
          response.statusCode === 200 ? resolve() : reject(new Error(`status ${response.statusCode}`)),
        );
      },
    );
    call.on("error", reject);
    call.end(body);
  });
}

function copyOf<T>(objects: readonly T[]): LocalCopy<T> {
  return {
    hasSynced: () => true,
    synced: Promise.resolve(),
    get: () => objects[0],
    values: () => objects,
    subscribe: () => () => {},
  };
}

function sidecarSet(app = "web"): SidecarSet {
  const parsed = parseSidecarSet({
    apiVersion: "apps.kruise.io/v1beta1",
    kind: "SidecarSet",
    metadata: { name: `log-agent-${app}` },
    spec: {
      selector: { matchLabels: { app } },
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "shop" } },
      containers: [
        {
          name: "logtail",
          image: "registry.example/logtail:1.0.0",
          volumeMounts: [{ name: "logs", mountPath: "/var/log/web" }],
          shareVolumePolicy: { type: "enabled" },
          transferEnv: [{ sourceContainerName: "web", envName: "TZ" }],
          resources: { limits: { cpu: "100m", memory: "128Mi" } },
        },
      ],
      volumes: [{ name: "logs", emptyDir: {} }],
    },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const { hash, hashWithoutImage } = sidecarSetHashes(parsed.value);
  return {
    ...parsed.value,
    annotations: { [HASH_ANNOTATION]: hash, [HASH_WITHOUT_IMAGE_ANNOTATION]: hashWithoutImage },
  };
}
