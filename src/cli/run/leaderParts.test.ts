import { setMaxListeners } from "node:events";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { VirtualClock } from "../../../test/virtualClock.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { ClusterError } from "../../cluster/clusterError.ts";
import { CUSTOM_RESOURCE_DEFINITIONS, NAMESPACES, VALIDATING_WEBHOOKS } from "../../cluster/resource.ts";
import { startCopies } from "../../cluster/startCopies.ts";
import type { WebhookConfiguration } from "../../cluster/webhookConfiguration.ts";
import { Registrations } from "../../controller/registrations.ts";
import { SelfTest } from "../../controller/selfTest.ts";
import { injectionRules } from "../../core/injection/injectionRules.ts";
import type { KubeObject } from "../../core/kube/object.ts";
import { NO_WEBHOOKS } from "../../simulator/admission/webhookCaller.ts";
import { ApiServer } from "../../simulator/apiServer.ts";
import { inMemoryCluster } from "../../simulator/inMemoryCluster.ts";
import { CertificateHolder } from "../../webhook/certificates/certificates.ts";
import { startLeader } from "./leader.ts";
import { registrationPart } from "./leaderParts.ts";

it("the registration follows the certificate while its leader leads, and not at all afterwards, however often it could not begin", async () => {
  const world = await aWorld();
  world.refuse("not yet");
  const leader = world.lead();
  await world.clock.advance(60_000);
  expect(world.lines.filter((line) => line.startsWith("a part of the leader cannot begin")).length).toBeGreaterThan(3);
  world.refuse(undefined);
  await world.clock.advance(60_000);
  await leader.decided;
  const { clock, certificates } = world;
  certificates.set({ certificate: "c", privateKey: "k", authority: "SECOND" });
  await clock.advance(1_000);
  expect(await world.registeredAuthority()).toBe("SECOND");
  await leader.stop();
  const told = world.lines.length;
  certificates.set({ certificate: "c", privateKey: "k", authority: "THIRD" });
  await clock.advance(600_000);
  expect(world.lines.slice(told)).toEqual([]);
  expect(await world.registeredAuthority()).toBe("SECOND");
  world.stop.abort();
  await clock.advance(0);
});

async function aWorld() {
  const clock = new VirtualClock();
  const lines: string[] = [];
  const environment = {
    clock,
    random: () => 0.5,
    log: (_level: string, message: string, fields?: object) => void lines.push(`${message} ${JSON.stringify(fields)}`),
  };
  const cluster = inMemoryCluster(new ApiServer({ environment, webhooks: NO_WEBHOOKS }));
  await cluster.create(CUSTOM_RESOURCE_DEFINITIONS, definition());
  await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: "own" } });
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  let refusal: string | undefined;
  const refusing: Cluster = {
    ...cluster,
    create: async (...write) => {
      if (refusal !== undefined) throw new ClusterError("forbidden", refusal);
      return cluster.create(...write);
    },
  };
  const certificates = new CertificateHolder();
  certificates.set({ certificate: "c", privateKey: "k", authority: "FIRST" });
  const rules = injectionRules({ systemNamespace: "own" });
  const common = { cluster: refusing, environment, signal: stop.signal, systemNamespace: "own" };
  const context = { ...common, rules, copies: startCopies(common) };
  const part = registrationPart(context, {
    address: Promise.resolve({ url: "https://127.0.0.1:1" }),
    certificates,
    injectCaFrom: undefined,
    registrations: new Registrations(rules),
    selfTest: new SelfTest(),
  });
  return {
    clock,
    lines,
    stop,
    certificates,
    lead: () => startLeader(context, "alone", [part]),
    refuse(why: string | undefined): void {
      refusal = why;
    },
    async registeredAuthority(): Promise<string> {
      const name = { name: "sidecarset-validating" };
      const { webhooks = [] } = await cluster.get<WebhookConfiguration>(VALIDATING_WEBHOOKS, name);
      const { caBundle } = webhooks[0]!.clientConfig as { readonly caBundle: string };
      return Buffer.from(caBundle, "base64").toString();
    },
  };
}

function definition(): KubeObject {
  return parse(readFileSync(new URL("../../../deploy/crd.yaml", import.meta.url), "utf8")) as KubeObject;
}
