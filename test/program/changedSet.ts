import { afterAll, beforeAll } from "vitest";
import { type DemoCluster, startDemoApiServer, startDemoManager } from "../../src/cli/demo/demoCluster.ts";
import type { Manager } from "../../src/cli/startManager.ts";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { systemClock } from "../../src/cluster/environment.ts";
import { DEPLOYMENTS, PODS, SIDECAR_SETS } from "../../src/cluster/resource.ts";
import type { Json, JsonObject } from "../../src/core/kube/object.ts";
import { aSidecarSetObject } from "../aSidecarSet.ts";
import { eventually, type Loose } from "../contract/fixtures.ts";
import { type Ended, runProgram } from "./runProgram.ts";

/** An embedded cluster with a manager, for the verbs that act on SidecarSets and pods. */
export interface ServedCluster {
  readonly cluster: Cluster;
  readonly kubeconfig: string;
  /** `sidecarset …` against it. */
  sidecarset(...args: readonly string[]): Promise<Ended>;
  /** A SidecarSet of the image `logtail:1`, or of the given spec, and a Deployment whose pods carry it. */
  released(name: string, pods: number, spec?: JsonObject): Promise<void>;
  /** Writes the image of the first sidecar. */
  release(name: string, image: string): Promise<void>;
  set(name: string): Promise<Loose>;
  podsOf(name: string): Promise<readonly Loose[]>;
}

/** Up for all tests of a file. */
export function servedCluster(): ServedCluster {
  let demo: DemoCluster;
  let manager: Manager;
  const end = new AbortController();
  beforeAll(async () => {
    const environment = { clock: systemClock, random: Math.random, log: () => {} };
    demo = await startDemoApiServer({ environment, port: 0 });
    manager = await startDemoManager(demo, { environment, signal: end.signal });
  }, 180_000);
  afterAll(async () => {
    await manager.close();
    await demo.close();
  });
  const set = (name: string) => demo.cluster.get<Loose>(SIDECAR_SETS, { name });
  return {
    get cluster() {
      return demo.cluster;
    },
    get kubeconfig() {
      return demo.kubeconfigPath;
    },
    sidecarset: (...args) => runProgram([...args, "--kubeconfig", demo.kubeconfigPath]),
    set,
    async podsOf(name) {
      const { items } = await demo.cluster.list<Loose>(PODS, { labelSelector: `app=${name}` });
      return items;
    },
    async released(name, pods, spec = {}) {
      const { metadata: _, ...object } = aSidecarSetObject({
        selector: { matchLabels: { app: name } },
        containers: [{ name: "logtail", image: "logtail:1" }],
        ...spec,
      });
      await demo.cluster.create<Loose>(SIDECAR_SETS, { ...object, metadata: { name } });
      await eventually(async () => expectCondition(await set(name), "Registered"));
      await demo.cluster.create(DEPLOYMENTS, deployment(name, pods));
      await eventually(async () => {
        const { status } = await set(name);
        if (status?.readyPods !== pods) throw new Error(`${status?.readyPods} of ${pods} pods are ready`);
      });
    },
    async release(name, image) {
      const { spec } = await set(name);
      const [first, ...rest] = spec.containers;
      const patch = { spec: { containers: [{ ...first, image }, ...rest] as Json } };
      await demo.cluster.patch(SIDECAR_SETS, { name }, { type: "merge", patch });
    },
  };
}

function expectCondition({ status }: Loose, type: string): void {
  const found = status?.conditions?.find((condition: { readonly type: string }) => condition.type === type);
  if (found?.status !== "True") throw new Error(`${type} is not True: ${JSON.stringify(status)}`);
}

function deployment(name: string, replicas: number): Loose {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "default" },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "web:1" }] } },
    },
  };
}
