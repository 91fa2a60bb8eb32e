import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../test/virtualClock.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { ClusterError } from "../cluster/clusterError.ts";
import { MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS } from "../cluster/resource.ts";
import { injectionRules } from "../core/injection/injectionRules.ts";
import { ApiServer } from "../simulator/apiServer.ts";
import { inMemoryCluster } from "../simulator/inMemoryCluster.ts";
import { register, type WebhookConfiguration, webhookConfigurations } from "./registration.ts";

const OPTIONS = {
  address: { url: "https://127.0.0.1:9443/" },
  caBundle: "PEM",
  rules: injectionRules({ systemNamespace: "sidecarset-system" }),
};

describe("the webhook configurations", () => {
  const { mutating, validating } = webhookConfigurations(OPTIONS);

  it("ask for created pods only, outside the namespaces a cluster needs to come up", () => {
    expect(mutating.webhooks[0]).toMatchObject({
      clientConfig: { url: "https://127.0.0.1:9443/mutate-pods", caBundle: "UEVN" },
      rules: [{ apiGroups: [""], resources: ["pods"], operations: ["CREATE"], scope: "Namespaced" }],
      namespaceSelector: {
        matchExpressions: [
          {
            key: "kubernetes.io/metadata.name",
            operator: "NotIn",
            values: ["kube-system", "kube-node-lease", "sidecarset-system"],
          },
        ],
      },
      failurePolicy: "Fail",
      reinvocationPolicy: "IfNeeded",
      sideEffects: "None",
      timeoutSeconds: 5,
    });
  });

  it("ask for both versions of SidecarSets, without their status", () => {
    for (const webhook of [mutating.webhooks[1], validating.webhooks[0]]) {
      expect(webhook).toMatchObject({
        rules: [{ apiVersions: ["v1alpha1", "v1beta1"], resources: ["sidecarsets"], operations: ["CREATE", "UPDATE"] }],
      });
    }
  });

  it("name a Service for a manager inside the cluster", () => {
    const service = { namespace: "sidecarset-system", name: "sidecarset-webhook" };
    const inside = webhookConfigurations({ ...OPTIONS, address: { service } });
    expect(inside.mutating.webhooks[0]?.clientConfig).toEqual({
      service: { ...service, path: "/mutate-pods", port: 443 },
      caBundle: "UEVN",
    });
  });
});

describe("registering", () => {
  it("creates both objects, and writes nothing when they are right already", async () => {
    const cluster = aCluster();
    await register(cluster, OPTIONS);
    const before = await stored(cluster);
    await register(cluster, OPTIONS);
    expect(await stored(cluster)).toEqual(before);
  });

  it("changes what is different and keeps the labels others have put there", async () => {
    const cluster = aCluster();
    await register(cluster, OPTIONS);
    const label = { type: "merge", patch: { metadata: { labels: { team: "infra" } } } } as const;
    await cluster.patch(MUTATING_WEBHOOKS, { name: "sidecarset-mutating" }, label);
    await register(cluster, { ...OPTIONS, caBundle: "NEW" });
    const { mutating } = await stored(cluster);
    expect(mutating.metadata.labels).toEqual({ team: "infra" });
    expect(mutating.webhooks[0]?.clientConfig).toMatchObject({ caBundle: Buffer.from("NEW").toString("base64") });
  });

  it("looks again when another replica was faster", async () => {
    const cluster = aCluster();
    await register(cluster, { ...OPTIONS, caBundle: "OTHER" });
    let blind = 2;
    const late: Cluster = {
      ...cluster,
      get: (...request) => {
        if (blind === 0) return cluster.get(...request);
        blind -= 1;
        return Promise.reject(new ClusterError("notFound", "not yet"));
      },
    };
    await register(late, OPTIONS);
    expect((await stored(cluster)).validating.webhooks[0]?.clientConfig).toMatchObject({ caBundle: "UEVN" });
  });

  it("gives up on what is no race", async () => {
    const forbidden = () => Promise.reject(new ClusterError("forbidden", "no"));
    await expect(register({ ...aCluster(), create: forbidden }, OPTIONS)).rejects.toThrow("no");
  });
});

function aCluster(): Cluster {
  return inMemoryCluster(
    new ApiServer({ environment: { clock: new VirtualClock(), random: () => 0.5, log: () => {} } }),
  );
}

async function stored(cluster: Cluster) {
  const [mutating, validating] = await Promise.all([
    cluster.get<WebhookConfiguration>(MUTATING_WEBHOOKS, { name: "sidecarset-mutating" }),
    cluster.get<WebhookConfiguration>(VALIDATING_WEBHOOKS, { name: "sidecarset-validating" }),
  ]);
  return { mutating, validating };
}
