import { expect } from "vitest";
import { PODS, VALIDATING_WEBHOOKS } from "../../../src/cluster/resource.ts";
import { eventually, type Loose } from "../../contract/fixtures.ts";
import { startWebhookServer } from "../../contract/webhookServer.ts";
import type { CodeStory } from "./codeStory.ts";
import type { CodeWorld } from "./codeWorld.ts";

/** Why pods that have the sidecars are not upgraded, or not up to date: one row per code at least. */
export const UPDATE_STORIES: readonly CodeStory[] = [
  {
    code: "U01",
    title: "is up to date",
    bring: (world) => running(world, 1),
    finding: false,
  },
  {
    code: "U02",
    title: "belongs to a set that does not update",
    async bring(world) {
      await running(world, 1, { updateStrategy: { type: "NotUpdate" } });
      await world.setImage("logtail:2");
    },
    evidence: ["updateStrategy.type", /^NotUpdate$/],
    fix: /^kubectl patch sidecarset .*"type":"RollingUpdate"/,
  },
  {
    code: "U03",
    title: "waits while the update is paused",
    async bring(world) {
      await running(world, 1, { updateStrategy: { paused: true } });
      await world.setImage("logtail:2");
    },
    evidence: ["updateStrategy.paused", /^paused since 20/],
    fix: /^sidecarset resume [\w-]+ --yes$/,
  },
  {
    code: "U04",
    title: "is outside the update selector",
    async bring(world) {
      await running(world, 1, { updateStrategy: { selector: { matchLabels: { canary: "yes" } } } });
      await world.setImage("logtail:2");
    },
    evidence: ["updateStrategy.selector", /^no canary$/],
    fix: /^kubectl label pod web-0 -n [\w-]+ --overwrite canary=yes$/,
  },
  {
    code: "U05",
    title: "is kept by the partition",
    async bring(world) {
      await running(world, 3, { updateStrategy: { partition: 1 } });
      await world.setImage("logtail:2");
    },
    evidence: ["partition", /^partition 1 keeps 1 pods back; rank \d in the order of upgrades$/],
    fix: /^kubectl patch sidecarset .*"partition":0/,
  },
  {
    code: "U06",
    title: "waits for one that does not start",
    async bring(world) {
      await running(world, 2);
      await world.setImage("logtail:missing");
    },
    evidence: ["budget", /^1 of 1 allowed pods are unavailable; place 1 in the queue$/],
    fix: /^sidecarset undo [\w-]+ --yes$/,
  },
  {
    code: "U06",
    title: "may never be unavailable",
    async bring(world) {
      await running(world, 1, { updateStrategy: { maxUnavailable: 0 } });
      await world.setImage("logtail:2");
    },
    evidence: ["budget", /^0 of 0 allowed pods are unavailable/],
    fix: /^kubectl patch sidecarset .*"maxUnavailable":1/,
  },
  {
    code: "U07",
    title: "lacks more than an image",
    async bring(world) {
      await running(world, 1);
      await world.edit({ containers: [{ name: "logtail", image: "logtail:2", args: ["-v"] }] });
    },
    evidence: ["inPlace", /^more than the image differs: containers\[logtail\]\.args$/],
    fix: /^kubectl get pod web-0 -n [\w-]+ -o json \| kubectl replace --force -f -$/,
  },
  {
    code: "U08",
    title: "has not finished its update before",
    async bring(world) {
      await world.namespace();
      await world.sidecarSet();
      await world.stalledPod("web-0");
      await world.setImage("logtail:2");
      await world.untilImage("web-0", "logtail:2");
      await world.setImage("logtail:3");
    },
    evidence: ["previousUpgrade", /^logtail still runs its image before$/],
    async mend(world) {
      await world.restartStalled("web-0");
      await world.untilImage("web-0", "logtail:3");
      await world.restartStalled("web-0");
    },
  },
  {
    code: "U09",
    title: "has ended",
    async bring(world) {
      await world.namespace();
      await world.sidecarSet();
      await world.stalledPod("web-0", "Succeeded");
    },
    evidence: ["active", /^phase Succeeded$/],
    finding: false,
  },
  {
    code: "U10",
    title: "no longer has the container",
    async bring(world) {
      await running(world, 1);
      const { metadata, spec } = await world.cluster.get<Loose>(PODS, { namespace: world.name, name: "web-0" });
      await world.stopManager();
      await world.shell.run(`kubectl delete pod web-0 -n ${world.name}`);
      const containers = spec.containers.filter(({ name }: { name: string }) => name === "app");
      await world.pod("web-0", { metadata: { annotations: metadata.annotations }, spec: { containers } });
      await world.startManager();
    },
    evidence: ["containers", /^no container logtail$/],
    fix: /^kubectl get pod web-0 /,
  },
  {
    code: "U11",
    title: "has its turn and nobody leads",
    async bring(world) {
      await running(world, 1);
      await world.stopManager();
      await world.startManager({ controller: false });
      await world.setImage("logtail:2");
    },
    evidence: ["manager", /^generation 2, observed 1; no manager leads$/],
    async mend(world) {
      await world.stopManager();
      await world.startManager();
    },
  },
  {
    code: "U12",
    title: "waits for the second half of a hot upgrade",
    async bring(world) {
      const hot = { upgradeStrategy: { upgradeType: "HotUpgrade", hotUpgradeEmptyImage: "empty:1" } };
      await running(world, 1, { containers: [{ name: "logtail", image: "logtail:1", ...hot }] });
      await world.edit({ containers: [{ name: "logtail", image: "logtail:missing", ...hot }] });
    },
    evidence: ["hotUpgrade", /^both containers of logtail have a real image: logtail-2 is to take over from logtail-1/],
    fix: /^sidecarset undo [\w-]+ --yes$/,
  },
  {
    code: "U14",
    title: "is refused by another webhook",
    async bring(world) {
      await running(world, 1);
      const refusal = { allowed: false, status: { message: "pods are frozen" } };
      const server = await startWebhookServer(({ dryRun }) => (dryRun === undefined ? undefined : refusal));
      await world.refuseUpdates(server);
      await world.setImage("logtail:2");
    },
    evidence: ["write", /pods are frozen/],
    async mend(world) {
      await world.cluster.delete(VALIDATING_WEBHOOKS, { name: "frozen" });
      // Who starts anew does not wait for its next attempt.
      await world.stopManager();
      await world.startManager();
    },
  },
  {
    code: "U15",
    title: "has a set whose strategy nobody can read",
    async bring(world) {
      await running(world, 1, { updateStrategy: { paused: true } });
      await world.setImage("logtail:2");
      await world.stopManager();
      await world.unregister();
      await world.edit({ updateStrategy: { partition: "half", paused: false } });
      await world.startManager();
    },
    evidence: ["updateStrategy", /^partition "half" is neither a number nor a percentage/],
    fix: /^kubectl patch sidecarset .*"partition":null/,
  },
  {
    code: "U16",
    title: "has an annotation that takes no patch",
    async bring(world) {
      await world.whiteList("^config$");
      await running(world, 1, {}, { annotations: { config: "no JSON" } });
      const patchPodMetadata = [{ patchPolicy: "MergePatchJson", annotations: { config: '{"level":"info"}' } }];
      await world.edit({ containers: [{ name: "logtail", image: "logtail:2" }], patchPodMetadata });
    },
    evidence: ["patchPodMetadata", /^annotation config: /],
    fix: /^kubectl annotate pod web-0 -n [\w-]+ --overwrite config-$/,
  },
  {
    code: "U17",
    title: "keeps a tag of its own",
    bring: (world) =>
      running(
        world,
        1,
        { containers: [{ name: "logtail", image: "logtail:1", podOverrides: ["imageTag"] }] },
        { annotations: { "sidecarset.kruise.io/override.logtail.imageTag": "9" } },
      ),
    finding: false,
  },
  {
    code: "U18",
    title: "waits while all updates are stopped",
    async bring(world) {
      await running(world, 1);
      await world.switches({ updates: "stopped", reason: "holidays" });
      await world.setImage("logtail:2");
    },
    evidence: ["stopSwitch", /^updates are stopped \(holidays\)$/],
    fix: /^kubectl patch configmap sidecarset-switches -n kruise-system .*"updates":"running"/,
    afterwards: (world) => world.removeSwitches(),
  },
  {
    code: "U19",
    title: "waits for another of its workload",
    async bring(world) {
      await world.namespace();
      await world.sidecarSet({ updateStrategy: { maxUnavailable: 2, maxUnavailablePerOwner: 1 } });
      await world.deployment(2);
      await world.setImage("logtail:missing");
    },
    evidence: ["maxUnavailablePerOwner", /^1 of 1 pods of its workload are unavailable$/],
    fix: /^sidecarset undo [\w-]+ --yes$/,
  },
];

/** The row's SidecarSet and pods that have its sidecar. */
async function running(
  world: CodeWorld,
  count: number,
  spec: Parameters<CodeWorld["sidecarSet"]>[0] = {},
  metadata: NonNullable<Parameters<CodeWorld["pod"]>[1]>["metadata"] = {},
): Promise<void> {
  await world.namespace();
  await world.sidecarSet(spec);
  await world.pods(count, { metadata });
  await eventually(async () => {
    expect((await world.status()).matchedPods).toBe(count);
  });
}
