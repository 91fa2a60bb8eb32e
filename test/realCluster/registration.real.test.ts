import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAuthority, issueLeaf } from "../../src/certificate/authority.ts";
import { isClusterError } from "../../src/cluster/clusterError.ts";
import { MUTATING_WEBHOOKS, NAMESPACES, PODS } from "../../src/cluster/resource.ts";
import { holds, storeConfiguration } from "../../src/cluster/webhookConfiguration.ts";
import { type PodEntry, planRegistration } from "../../src/core/injection/registration/planRegistration.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { connect, type KubeApi } from "../../src/kubeapi/connect.ts";
import { webhookConfigurations } from "../../src/webhook/registration.ts";
import { aSidecarSet } from "../aSidecarSet.ts";
import { eventually } from "../contract/fixtures.ts";
import { EXCLUDED, isSelected, isSent, type SentPod, sentPod, sidecarSets } from "../registrationCases.ts";
import { realKubeconfig } from "./kubeconfigOfRun.ts";

const SYSTEM_NAMESPACE = "sidecarset-system";
const NAMESPACE_LABELS: Readonly<Record<string, Record<string, string>>> = {
  "ns-0": {},
  "ns-1": { team: "a" },
  "ns-2": { team: "b", "zone/env": "a" },
  "ns-3": { "zone/env": "c" },
};

let cluster: KubeApi;
let webhook: RecordingWebhook;

beforeAll(async () => {
  cluster = await connect({ kubeconfig: realKubeconfig(), variables: {} });
  for (const [name, labels] of Object.entries({ ...NAMESPACE_LABELS, [SYSTEM_NAMESPACE]: {} })) {
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
    await cluster.create(NAMESPACES, namespace).catch((error: unknown) => {
      if (!isClusterError(error, "alreadyExists")) throw error;
    });
  }
  webhook = await startRecordingWebhook();
}, 60_000);

afterAll(async () => {
  await cluster.delete(MUTATING_WEBHOOKS, { name: "sidecarset-mutating" });
  webhook.server.close();
  await cluster.close();
});

describe("a registration on a real API server", () => {
  it("is accepted and kept as it is, and exactly the expected pods are sent", async () => {
    const cases = fc.sample(fc.tuple(sidecarSets, fc.array(sentPod, { minLength: 8, maxLength: 8 })), {
      seed: 20_260_701,
      numRuns: 60,
    });
    let conditions = 0;
    let exact = 0;
    for (const [number, [sets, pods]] of cases.entries()) {
      const { entries } = planRegistration({ sidecarSets: sets, excludedNamespaces: EXCLUDED });
      conditions += entries.filter(({ matchCondition }) => matchCondition !== undefined).length;
      await registered(entries, `case-${number}`);
      for (const [index, drawn] of pods.entries()) {
        const pod = { ...drawn, namespaceLabels: NAMESPACE_LABELS[drawn.namespace]! };
        const id = `${number}-${index}`;
        await createDryRun(pod, id);
        const expected = entries.filter((entry) => isSent(entry, pod)).length;
        expect([id, webhook.calls(id)]).toEqual([id, expected]);
        if (isSelected(sets, pod)) expect([id, expected > 0]).toEqual([id, true]);
        else if (entries.every(({ widened }) => widened.length === 0)) expect([id, expected]).toEqual([id, 0]);
        exact += entries.every(({ widened }) => widened.length === 0) ? 1 : 0;
      }
    }
    expect(conditions).toBeGreaterThan(5);
    expect(exact).toBeGreaterThan(100);
  }, 300_000);

  it("may have a match condition as long as we let it become", async () => {
    const sets = Array.from({ length: 65 }, (_, index) =>
      aSidecarSet({ selector: { matchLabels: { [`key-of-team-${index}`]: "x".repeat(50) } } }, { name: `s${index}` }),
    );
    const { entries } = planRegistration({ sidecarSets: sets });
    expect(entries[0]!.matchCondition!.length).toBeGreaterThan(7_000);
    await registered(entries, "long");
    for (const [key, sent] of [
      ["key-of-team-64", 1],
      ["key-of-team-65", 0],
    ] as const) {
      const pod = { labels: { [key]: "x".repeat(50) }, namespace: "ns-1", namespaceLabels: {} };
      await createDryRun(pod, key);
      expect([key, webhook.calls(key)]).toEqual([key, sent]);
    }
  });
});

/** Settles when the API server goes by it, which the self-test's pod shows: its entry is in the same object. */
async function registered(entries: readonly PodEntry[], round: string): Promise<void> {
  const { mutating } = webhookConfigurations({
    address: { url: `${webhook.url}/${round}` },
    caBundle: webhook.authority,
    systemNamespace: SYSTEM_NAMESPACE,
    entries,
  });
  const { stored } = await storeConfiguration(cluster, MUTATING_WEBHOOKS, mutating);
  expect(holds(stored, mutating)).toBe(true);
  await eventually(async () => {
    const labels = { "sidecarset.kruise.io/self-test": "true" };
    await createDryRun({ labels, namespace: SYSTEM_NAMESPACE, namespaceLabels: {} }, round);
    expect(webhook.paths.at(-1)).toBe(`/${round}/self-test`);
  });
}

async function createDryRun({ labels = {}, namespace }: SentPod, id: string): Promise<void> {
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { generateName: "web-", namespace, labels, annotations: { id } },
    spec: { containers: [{ name: "app", image: "app:1" }] },
  };
  await eventually(() => cluster.create<Pod>(PODS, pod as Pod & KubeObject, { dryRun: true }));
}

interface RecordingWebhook {
  readonly url: string;
  readonly authority: string;
  readonly server: Server;
  /** Of all calls, in order. */
  readonly paths: readonly string[];
  /** For the pod with this id. */
  calls(id: string): number;
}

/** Lets everything pass, and knows what it was asked. */
async function startRecordingWebhook(): Promise<RecordingWebhook> {
  const now = Date.now();
  const authority = await createAuthority({ commonName: "test", now });
  const leaf = await issueLeaf(authority, { commonName: "webhook", usage: "server", ipAddresses: ["127.0.0.1"], now });
  const paths: string[] = [];
  const calls = new Map<string, number>();
  const server = createServer({ key: leaf.privateKey, cert: leaf.certificate }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const review = JSON.parse(Buffer.concat(chunks).toString()) as Review;
      const id = review.request.object.metadata.annotations?.id ?? "";
      paths.push(request.url!.split("?")[0]!);
      calls.set(id, (calls.get(id) ?? 0) + 1);
      const answer = { uid: review.request.uid, allowed: true };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ apiVersion: review.apiVersion, kind: review.kind, response: answer }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, authority: authority.certificate, server, paths, calls: (id) => calls.get(id) ?? 0 };
}

interface Review {
  readonly apiVersion: string;
  readonly kind: string;
  readonly request: { readonly uid: string; readonly object: Pod };
}
