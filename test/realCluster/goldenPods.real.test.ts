import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isClusterError } from "../../src/cluster/clusterError.ts";
import { MUTATING_WEBHOOKS, NAMESPACES, PODS, type ResourceType } from "../../src/cluster/resource.ts";
import { injectPod } from "../../src/core/injection/injectPod.ts";
import { applyJsonPatch } from "../../src/core/kube/jsonPatch.ts";
import type { Json, KubeObject } from "../../src/core/kube/object.ts";
import { connect, type KubeApi } from "../../src/kubeapi/connect.ts";
import { objectBecomes } from "../contract/fixtures.ts";
import { type GoldenCase, loadCorpora } from "../golden/goldenCase.ts";
import { injectionInput, type RecordedInput } from "../golden/judges/injection.ts";
import { realKubeconfig } from "./kubeconfigOfRun.ts";

const SERVICE_ACCOUNTS: ResourceType = {
  group: "",
  version: "v1",
  kind: "ServiceAccount",
  plural: "serviceaccounts",
  namespaced: true,
};

/** Recorded pods that the API server refuses before anybody has injected anything: they show nothing about injection. */
const REFUSED_BEFORE: Readonly<Record<string, RegExp>> = {
  "random mix 1133": /must not already exist as a path in volumeDevices/,
  "random mix 1169": /must not already exist as a path in volumeDevices/,
};
/** A container that no pod could have, of a recorded SidecarSet that our validation refuses, as OpenKruise's does. */
const REFUSED_AFTER: Readonly<Record<string, RegExp>> = {
  "full container: v1alpha1 set": /requests: Invalid value: "1": must be less than or equal to cpu limit of 500m/,
};

interface InjectedPod {
  readonly name: string;
  readonly namespace: string;
  readonly before: KubeObject;
  readonly after: KubeObject;
}

const INJECTED = (loadCorpora(join(import.meta.dirname, "../golden/cases")).get("injection") ?? []).flatMap(injected);
const namespaces = [...new Set(INJECTED.map(({ namespace }) => namespace))];
const created: string[] = [];
let cluster: KubeApi;

beforeAll(async () => {
  cluster = await connect({ kubeconfig: realKubeconfig(), variables: {} });
  const { items } = await cluster.list(MUTATING_WEBHOOKS);
  expect(items, "a registered webhook would inject once more").toEqual([]);
  await Promise.all(namespaces.map(prepare));
});

afterAll(async () => {
  await Promise.all(created.map((name) => cluster.delete(NAMESPACES, { name })));
  await cluster.close();
});

describe("a real API server takes what we make of the recorded pods", () => {
  it.concurrent.each(INJECTED)("$name", async ({ name, namespace, before, after }) => {
    const [beforehand, afterwards] = [await refusal(namespace, before), await refusal(namespace, after)];
    expect(beforehand).toEqual(told(REFUSED_BEFORE[name]));
    expect(afterwards).toEqual(told(REFUSED_BEFORE[name] ?? REFUSED_AFTER[name]));
  });

  it("nearly all of them", () => {
    const excepted = [REFUSED_BEFORE, REFUSED_AFTER].map((cases) => Object.keys(cases).length);
    console.log(`${INJECTED.length} recorded pods injected: ${excepted[0]} refused before, ${excepted[1]} only after`);
    expect(INJECTED.length).toBeGreaterThan(130);
  });
});

/** None for a pod that stays as it is or is refused by us. */
function injected({ name, input }: GoldenCase): readonly InjectedPod[] {
  const recorded = input as unknown as RecordedInput;
  const { pod, requestNamespace } = recorded;
  const injection = recorded.operation === "UPDATE" ? undefined : injectPod(injectionInput(recorded));
  if (!injection?.ok || injection.value.patch.length === 0) return [];
  const after = applyJsonPatch(pod as unknown as Json, injection.value.patch);
  if (!after.ok) throw new Error(after.error);
  const namespace = pod.metadata.namespace || requestNamespace;
  return [{ name, namespace, before: pod, after: after.value as unknown as KubeObject }];
}

/** Why the pod cannot be created; undefined when it can. */
async function refusal(namespace: string, pod: KubeObject): Promise<string | undefined> {
  try {
    await cluster.create(PODS, pod, { namespace, dryRun: true });
    return undefined;
  } catch (error) {
    if (!isClusterError(error, "invalid")) throw error;
    return error.message;
  }
}

function told(refusal: RegExp | undefined): unknown {
  return refusal && expect.stringMatching(refusal);
}

/** Pods are refused until the controller manager has made their service account. */
async function prepare(name: string): Promise<void> {
  try {
    await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    created.push(name);
  } catch (error) {
    if (!isClusterError(error, "alreadyExists")) throw error;
  }
  const account = { namespace: name, name: "default" };
  await objectBecomes(cluster, SERVICE_ACCOUNTS, account, (object) => object !== undefined);
}
