import type { Pod } from "../src/core/kube/pod.ts";
import { type PodRecord, podRecord } from "../src/core/pod/podRecord.ts";
import { HASH_ANNOTATION, HASH_WITHOUT_IMAGE_ANNOTATION } from "../src/core/sidecarSet/annotations.ts";
import { parseSidecarSet } from "../src/core/sidecarSet/parseSidecarSet.ts";
import type { SidecarSet } from "../src/core/sidecarSet/sidecarSet.ts";

const START = Date.parse("2026-06-10T00:00:00Z");
const WEEK_SECONDS = 7 * 86_400;
const OLD_HASH = "x6f4".repeat(16);
const NEW_HASH = "2d4b".repeat(16);
const SAME_HASH = "z9vw".repeat(16);
const ZONES = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];

/** The set that rolls: its image has changed, the zones take turns. */
export function rollingSet(): SidecarSet {
  const parsed = parseSidecarSet({
    apiVersion: "apps.kruise.io/v1beta1",
    kind: "SidecarSet",
    metadata: {
      name: "log-agent",
      uid: "0b0e",
      resourceVersion: "4711",
      generation: 2,
      annotations: { [HASH_ANNOTATION]: NEW_HASH, [HASH_WITHOUT_IMAGE_ANNOTATION]: SAME_HASH },
    },
    spec: {
      selector: { matchLabels: { tier: "shop" } },
      containers: [{ name: "logtail", image: "registry.example/agents/logtail:1.1.0" }],
      updateStrategy: { maxUnavailable: 100, scatterStrategy: [{ key: "topology.kubernetes.io/zone" }] },
    },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}

/** What the controller keeps of these pods. Each is decoded from its own text, as it comes from the API server: nothing is shared by chance. */
export function fleet(pods: number): readonly PodRecord[] {
  return Array.from({ length: pods }, (_, index) => record(podText(index)));
}

export function record(text: string): PodRecord {
  return podRecord(JSON.parse(text) as Pod);
}

/**
 * A pod of a Deployment of 50, created some time in a week, with its app and the sidecar; a second set has given it an init container.
 * @param restarted the sidecar has been started so many times
 */
export function podText(index: number, restarted = 0): string {
  const created = START - (scramble(index) % WEEK_SECONDS) * 1000;
  const [at, readyAt] = [timeText(created), timeText(created + 12_000)];
  const workload = Math.floor(index / 50);
  const name = `shop-${workload}-${hex(scramble(workload), 10)}-${hex(scramble(index), 5)}`;
  const entry = (set: string, sidecar: string, hash: string, revision: object = {}) => ({
    updateTimestamp: at,
    hash,
    sidecarSetName: set,
    sidecarList: [sidecar],
    ...revision,
  });
  const records = (hash: string, revision?: object) =>
    JSON.stringify({
      "log-agent": entry("log-agent", "logtail", hash, revision && { controllerRevision: "log-agent-5d4f8b6c9d" }),
      "mesh-init": entry("mesh-init", "iptables", SAME_HASH, revision && { controllerRevision: "mesh-init-7c9d8f5b6" }),
    });
  return JSON.stringify({
    metadata: {
      name,
      namespace: `team-${workload % 200}`,
      uid: `${hex(scramble(index), 8)}-5c4d-4e6f-9a7b-${hex(scramble(index + 1), 12)}`,
      resourceVersion: `${100_000_000 + index + restarted}`,
      generation: 1,
      creationTimestamp: at,
      ownerReferences: [
        {
          apiVersion: "apps/v1",
          kind: "ReplicaSet",
          name: `shop-${workload}`,
          uid: `${hex(scramble(workload), 8)}-1a2b-4c3d-8e9f-${hex(scramble(workload + 1), 12)}`,
          controller: true,
        },
      ],
      labels: {
        app: `shop-${workload}`,
        tier: "shop",
        "pod-template-hash": hex(scramble(workload), 10),
        "topology.kubernetes.io/zone": ZONES[scramble(index) % 3],
      },
      annotations: {
        [HASH_ANNOTATION]: records(OLD_HASH, {}),
        [HASH_WITHOUT_IMAGE_ANNOTATION]: records(SAME_HASH),
        "kruise.io/sidecarset-injected-list": "log-agent,mesh-init",
        "prometheus.io/scrape": "true",
      },
    },
    spec: {
      nodeName: `ip-10-0-${scramble(index) % 250}-${scramble(index + 7) % 20}.eu-west-1.compute.internal`,
      containers: [
        { name: "app", image: `registry.example/shop/app-${workload}:2026.6.1` },
        { name: "logtail", image: "registry.example/agents/logtail:1.0.0" },
      ],
    },
    status: {
      phase: "Running",
      observedGeneration: 1,
      conditions: [{ type: "Ready", status: "True", lastTransitionTime: readyAt }],
      containerStatuses: [
        containerStatus("app", `registry.example/shop/app-${workload}:2026.6.1`, { id: index, at, restarts: 0 }),
        containerStatus("logtail", "registry.example/agents/logtail:1.0.0", {
          id: index + 0.5,
          at,
          restarts: restarted,
        }),
      ],
    },
  });
}

function containerStatus(
  name: string,
  image: string,
  { id, at, restarts }: { readonly id: number; readonly at: string; readonly restarts: number },
) {
  return {
    name,
    image,
    imageID: `${image.slice(0, image.lastIndexOf(":"))}@sha256:${hex(scramble(image.length), 64)}`,
    containerID: `containerd://${hex(scramble(2 * id + 1_000_000 * restarts), 64)}`,
    ready: true,
    restartCount: restarts,
    state: { running: { startedAt: at } },
  };
}

function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -5)}Z`;
}

/** Spreads numbers: neighbours have little in common. */
function scramble(number: number): number {
  return Math.imul(number + 1, 0x9e3779b1) >>> 0;
}

function hex(number: number, digits: number): string {
  const text = number.toString(16).padStart(8, "0");
  return text.repeat(Math.ceil(digits / 8)).slice(0, digits);
}
