import type { Container, ContainerStatus, Pod } from "../src/core/kube/pod.ts";
import { type PodRecord, podRecord } from "../src/core/pod/podRecord.ts";

export interface PodTraits {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** What the pod's hash record says about the set `logging`. */
  readonly hash?: string;
  readonly hashWithoutImage?: string;
  readonly revision?: string;
  /** Image of the sidecar `logtail` in the spec. */
  readonly image?: string;
  /** More fields of the sidecar, such as probes. */
  readonly sidecar?: Partial<Container>;
  /** What the kubelet reports on the sidecar, where it differs from the spec. */
  readonly status?: Partial<ContainerStatus>;
  readonly phase?: string;
  readonly ready?: boolean;
  readonly readySince?: string;
  readonly createdAt?: string;
  /** Uid of its controller. */
  readonly owner?: string;
  readonly node?: string;
  readonly deleting?: boolean;
  readonly generation?: number;
  readonly observedGeneration?: number;
}

/** A running pod `web` with its app and the sidecar of the set `logging`, which is at revision "old". */
export function aPodObject(traits: PodTraits = {}): Pod {
  const { ready = true, hash = "old", hashWithoutImage = "same", image = "logtail:1" } = traits;
  const records = (value: string, revision?: string) =>
    JSON.stringify({
      logging: {
        updateTimestamp: "2026-06-01T00:00:00Z",
        hash: value,
        sidecarSetName: "logging",
        sidecarList: ["logtail"],
        ...(revision && { controllerRevision: revision }),
      },
    });
  const status = { image, imageID: `id-${image}`, containerID: "containerd://1", restartCount: 0, ready };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: traits.name ?? "web-0",
      namespace: traits.namespace ?? "default",
      uid: `uid-${traits.name ?? "web-0"}`,
      resourceVersion: "10",
      generation: traits.generation ?? 1,
      creationTimestamp: traits.createdAt ?? "2026-06-01T00:00:00Z",
      ...(traits.owner && {
        ownerReferences: [
          { apiVersion: "apps/v1", kind: "ReplicaSet", name: traits.owner, uid: traits.owner, controller: true },
        ],
      }),
      ...(traits.deleting && { deletionTimestamp: "2026-06-02T00:00:00Z" }),
      labels: { app: "web", ...traits.labels },
      annotations: {
        "kruise.io/sidecarset-hash": records(hash, traits.revision),
        "kruise.io/sidecarset-hash-without-image": records(hashWithoutImage),
        "kruise.io/sidecarset-injected-list": "logging",
        ...traits.annotations,
      },
    },
    spec: {
      ...(traits.node !== "" && { nodeName: traits.node ?? "node-1" }),
      containers: [
        { name: "logtail", image, ...traits.sidecar },
        { name: "app", image: "app:1" },
      ],
    },
    status: {
      phase: traits.phase ?? "Running",
      observedGeneration: traits.observedGeneration ?? traits.generation ?? 1,
      conditions: [
        {
          type: "Ready",
          status: ready ? "True" : "False",
          lastTransitionTime: traits.readySince ?? "2026-06-01T00:01:00Z",
        },
      ],
      containerStatuses: [
        { name: "logtail", ...status, ...traits.status },
        {
          name: "app",
          image: "app:1",
          imageID: "id-app:1",
          containerID: "containerd://2",
          restartCount: 0,
          ready: true,
        },
      ],
    },
  };
}

export function aPod(traits: PodTraits = {}): PodRecord {
  return podRecord(aPodObject(traits));
}
