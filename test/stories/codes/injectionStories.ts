import { CONTROLLER_REVISIONS, PODS, SIDECAR_SETS } from "../../../src/cluster/resource.ts";
import { eventually, type Loose } from "../../contract/fixtures.ts";
import type { CodeStory } from "./codeStory.ts";
import type { CodeWorld } from "./codeWorld.ts";

const RECREATE = /kubectl get pod web-0 -n [\w-]+ -o json \| kubectl replace --force -f -$/;

/** Why pods have no sidecars, or not the newest ones: one row per code at least. */
export const INJECTION_STORIES: readonly CodeStory[] = [
  {
    code: "I01",
    title: "has other labels than the selector",
    async bring(world) {
      await world.namespace();
      await world.sidecarSet({ selector: { matchLabels: { app: world.name, logging: "on" } } });
      await world.deployment(2);
    },
    evidence: ["selector", /^app=[\w-]+, no logging$/],
    fix: /^kubectl patch deployment [\w-]+ .*"logging":"on"/,
  },
  {
    code: "I02",
    title: "lives in another namespace",
    async bring(world) {
      await world.namespace();
      await world.sidecarSet({ namespaceSelector: { matchLabels: { team: "shop" } } });
      await world.pods(1);
    },
    evidence: ["namespaceSelector", /^no team$/],
    fix: /^kubectl label namespace [\w-]+ --overwrite team=shop && kubectl get pod web-0/,
  },
  {
    code: "I03",
    title: "was created while injection was paused",
    async bring(world) {
      await world.namespace();
      await world.sidecarSet({ injectionStrategy: { paused: true, failurePolicy: "Ignore" } });
      await world.pods(1);
    },
    evidence: ["injectionStrategy", /^injection is paused since 20/],
    fix: RECREATE,
  },
  {
    code: "I04",
    title: "is older than the set",
    async bring(world) {
      await world.namespace();
      await world.pods(1);
      await world.sidecarSet();
    },
    evidence: ["age", /^the pod is of 20/],
    fix: RECREATE,
  },
  {
    code: "I05",
    title: "lives in an excluded namespace",
    namespace: "kube-system",
    async bring(world) {
      await world.sidecarSet();
      await world.pods(1);
    },
    evidence: ["namespace", /^kube-system$/],
    finding: false,
  },
  {
    code: "I06",
    title: "was created while nobody answered",
    async bring(world) {
      await world.namespace();
      await world.sidecarSet();
      await world.stopManager();
      await world.pods(1);
      await world.startManager();
    },
    evidence: ["webhook", /^most likely nobody answered at 20/],
    fix: RECREATE,
  },
  {
    code: "I07",
    title: "got the canary instead",
    async bring(world) {
      await world.namespace();
      await world.sidecarSet();
      const annotations = {
        "apps.kruise.io/sidecarset-canary": "true",
        "apps.kruise.io/sidecarset-base": world.name,
      };
      await world.sidecarSet({ updateStrategy: { type: "NotUpdate" } }, { name: `${world.name}-canary`, annotations });
      await world.pods(1);
    },
    evidence: ["canary", /^the pod carries [\w-]+-canary$/],
    finding: false,
  },
  {
    code: "I08",
    title: "got a pinned revision",
    async bring(world) {
      await world.namespace();
      await world.sidecarSet({ updateStrategy: { type: "NotUpdate" } });
      const revisionName = await world.latestRevision();
      await world.edit({ injectionStrategy: { revision: { revisionName, policy: "Always" } } });
      await world.setImage("logtail:2");
      await world.pods(1);
    },
    evidence: ["revision", /^[\w-]+$/],
  },
  {
    code: "I09",
    title: "mirrors a static pod",
    async bring(world) {
      await world.namespace();
      await world.sidecarSet();
      const annotations = { "kubernetes.io/config.mirror": "a-checksum" };
      await world.pods(1, { metadata: { annotations }, spec: { nodeName: await world.node() } });
    },
    evidence: ["staticPod", /^the mirror of a static pod$/],
    finding: false,
  },
  {
    code: "I10",
    title: "has lost its container",
    bring: (world) => podWithoutItsSidecar(world),
    evidence: ["containers", /^no container logtail$/],
    fix: RECREATE,
  },
  {
    code: "I11",
    title: "would be invalid",
    async bring(world) {
      await world.namespace();
      await world.sidecarSet();
      const revisionName = await world.latestRevision();
      await world.edit({ injectionStrategy: { revision: { revisionName, policy: "Always" } } });
      await world.setImage("logtail:2");
      await eventually(async () => {
        if ((await world.latestRevision()) === revisionName) throw new Error("the second revision is not there yet");
      });
      await world.cluster.delete(CONTROLLER_REVISIONS, { namespace: "kruise-system", name: revisionName });
      await world.pods(1);
    },
    evidence: ["injectable", /^spec.injectionStrategy.revision.revisionName: SidecarSet [\w-]+ has no revision/],
    fix: RECREATE,
  },
  {
    code: "I12",
    title: "opts out",
    async bring(world) {
      await world.namespace();
      await world.sidecarSet();
      await world.pods(1, { metadata: { annotations: { "sidecarset.kruise.io/inject": "false" } } });
    },
    evidence: ["optOut", /^annotation sidecarset.kruise.io\/inject=false$/],
    finding: false,
    fix: /^kubectl annotate pod web-0 -n [\w-]+ --overwrite sidecarset.kruise.io\/inject- && kubectl get pod/,
  },
  {
    code: "I13",
    title: "was created while injection was stopped",
    async bring(world) {
      await world.namespace();
      await world.sidecarSet();
      await world.switches({ injection: "stopped", reason: "registry is down" });
      await world.untilInjected(false);
      await world.pods(1);
    },
    evidence: ["stopSwitch", /^injection is stopped \(registry is down\)$/],
    fix: RECREATE,
    afterwards: (world) => world.removeSwitches(),
  },
];

/** What another webhook leaves that takes the container away. */
async function podWithoutItsSidecar(world: CodeWorld): Promise<void> {
  await world.namespace();
  await world.sidecarSet();
  await world.pods(1);
  const { metadata, spec } = await world.cluster.get<Loose>(PODS, { namespace: world.name, name: "web-0" });
  await world.stopManager();
  await world.cluster.delete(PODS, { namespace: world.name, name: "web-0" }, { gracePeriodSeconds: 0 });
  await eventually(async () => {
    if ((await world.listPods()).length > 0) throw new Error("the pod is still there");
  });
  const containers = spec.containers.filter(({ name }: { name: string }) => name === "app");
  await world.pod("web-0", { metadata: { annotations: metadata.annotations }, spec: { containers } });
  await world.startManager();
  await world.cluster.get(SIDECAR_SETS, { name: world.name });
}
