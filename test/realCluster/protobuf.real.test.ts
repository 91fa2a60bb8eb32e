import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NAMESPACES, PODS } from "../../src/cluster/resource.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { type PodRecord, podRecord } from "../../src/core/pod/podRecord.ts";
import type { Access } from "../../src/kubeapi/access.ts";
import { connectTo, type KubeApi } from "../../src/kubeapi/connect.ts";
import { kubeconfigAccess } from "../../src/kubeapi/kubeconfig.ts";
import type { ApiObject } from "../../src/simulator/apiObject.ts";
import { podBytes } from "../../src/simulator/https/protobufAnswer.ts";
import { parseProtobuf } from "../../src/simulator/https/protobufBody.ts";
import { aPod, eventually, type Loose } from "../contract/fixtures.ts";
import { createVariedPods } from "../contract/variedPods.ts";
import { realKubeconfig } from "./kubeconfigOfRun.ts";
import { rawAnswer } from "./rawAnswer.ts";
import { widePod } from "./widePod.ts";

const PROTOBUF = "application/vnd.kubernetes.protobuf";
const NAMESPACE = "protobuf";
const POD_PATH = `/api/v1/namespaces/${NAMESPACE}/pods`;
let access: Access;
let cluster: KubeApi;

beforeAll(async () => {
  const source = await kubeconfigAccess({ path: realKubeconfig() }, {});
  access = await source.read();
  cluster = await connectTo(source);
  await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  await eventually(() => cluster.create(PODS, aPod(NAMESPACE, "probe"), { dryRun: true }));
});

afterAll(async () => {
  await cluster.delete(NAMESPACES, { name: NAMESPACE });
  await cluster.close();
});

describe("field numbers, as a real API server has them", () => {
  it("of a record: every field of it is filled by some pod, and alike in both formats", async () => {
    await createVariedPods(cluster, NAMESPACE);
    const [whole, sparse] = await Promise.all([
      cluster.list<Pod>(PODS, { namespace: NAMESPACE }),
      cluster.list<Pod>(PODS, { namespace: NAMESPACE, sparse: true }),
    ]);
    const records = sparse.items.map(podRecord);
    expect(records).toEqual(whole.items.map(podRecord));
    for (const field of Object.keys(records[0]!) as (keyof PodRecord)[])
      expect(
        records.filter((record) => !saysNothing(record[field])),
        field,
      ).not.toEqual([]);
  });

  it("of all that the embedded API server writes: the same pod is made of its protobuf as of its JSON", async () => {
    const created = async (name: string, type: string, body: Buffer): Promise<Loose> => {
      const { code, text } = await rawAnswer(access, `${POD_PATH}?dryRun=All`, { method: "POST", type, body });
      expect(code, text).toBe(201);
      const { metadata, ...pod } = JSON.parse(text) as Loose;
      expect(metadata.name).toBe(name);
      const { uid: _uid, creationTimestamp: _at, managedFields: _fields, ...kept } = metadata;
      return { ...pod, metadata: kept };
    };
    const pod = widePod(NAMESPACE);
    const ofJson = await created("wide", "application/json", Buffer.from(JSON.stringify(pod)));
    expect(await created("wide", PROTOBUF, podBytes(pod as unknown as ApiObject))).toEqual(ofJson);
    // Nothing was left out on the way: what was sent is in what was made.
    const { tolerations, ...spec } = pod.spec as { readonly tolerations: readonly object[] };
    expect(ofJson.spec).toMatchObject({ ...spec, tolerations: expect.arrayContaining([...tolerations]) });
  });

  it("of all that the embedded API server reads: a real server's protobuf becomes its JSON", async () => {
    await cluster.create(PODS, widePod(NAMESPACE));
    const path = `${POD_PATH}/wide`;
    const [json, protobuf] = await Promise.all(
      ["application/json", PROTOBUF].map((accept) => rawAnswer(access, path, { method: "GET", accept })),
    );
    expect(withoutNothing(parseProtobuf(protobuf!.body))).toEqual(withoutNothing(JSON.parse(json!.text)));
  });
});

function saysNothing(value: unknown): boolean {
  return !value || (typeof value === "object" && Object.keys(value).length === 0);
}

/** JSON shows some zeros of a status that protobuf cannot tell from none. */
function withoutNothing(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNothing);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([key, field]) => [key, withoutNothing(field)] as const);
  return Object.fromEntries(fields.filter(([, field]) => !saysNothing(field)));
}
