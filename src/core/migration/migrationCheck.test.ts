import { describe, expect, it } from "vitest";
import type { JsonObject } from "../kube/object.ts";
import { podRecord } from "../pod/podRecord.ts";
import { withHashes } from "../sidecarSet/hash.ts";
import { parseSidecarSet } from "../sidecarSet/parseSidecarSet.ts";
import { type ManagerDeployment, managerInstallation } from "./managerInstallation.ts";
import { type MigrationState, migrationCheck } from "./migrationCheck.ts";

describe("an installation of OpenKruise", () => {
  it("is ready when nothing but SidecarSets is in use", () => {
    const { verdict, findings, sidecarSets } = migrationCheck(aState());
    expect([verdict, findings]).toEqual(["ready", []]);
    expect(sidecarSets).toEqual([{ name: "logs", features: ["namespaceSelector", "partition"] }]);
  });

  it.each<readonly [string, Partial<MigrationState>, string, string]>([
    ["CloneSets are in use", { kinds: [aKind("CloneSet", 3)] }, "M01", "blocked"],
    ["CloneSets cannot be counted", { kinds: [aKind("CloneSet", undefined)] }, "M01", "blocked"],
    ["a SidecarSet cannot be read", { sidecarSets: [{ ...stored(), spec: { containers: "none" } }] }, "M02", "blocked"],
    [
      "it lives in another namespace",
      { configurations: [aConfiguration({ serviceNamespace: "elsewhere" })] },
      "M03",
      "blocked",
    ],
    ["our manager leads too", { ourLeader: "us" }, "M04", "blocked"],
    ["a hash is another", { sidecarSets: [stored({ "kruise.io/sidecarset-hash": "h" })] }, "M05", "findings"],
    ["pods of kube-system have sidecars", { pods: [aPod("kube-system", { [LIST]: "logs" })] }, "M06", "findings"],
    [
      "a namespace is left alone by its label",
      { pods: [aPod("shop", {})], namespaces: new Map([["shop", { ...SHOP, "control-plane": "x" }]]) },
      "M07",
      "findings",
    ],
    ["pods are started in order", { pods: [aPod("shop", { [LAUNCH]: "Ordered", [LIST]: "logs" })] }, "M08", "findings"],
    [
      "a gate is on",
      { manager: aManager(["--feature-gates=EnableSortSidecarContainerByName=true"]) },
      "M09",
      "findings",
    ],
    ["injection is off", { manager: aManager(["--feature-gates", "PodWebhook=false"]) }, "M09", "findings"],
    ["Helm manages it", { manager: aManager([], { "app.kubernetes.io/managed-by": "Helm" }) }, "M11", "findings"],
    ["pods may start bare", { configurations: [aConfiguration({ podFailurePolicy: "Ignore" })] }, "M12", "ready"],
  ])("is told that %s", (_what, given, code, verdict) => {
    const check = migrationCheck(aState(given));
    expect(check.findings.map((finding) => finding.code)).toEqual([code]);
    expect(check.verdict).toBe(verdict);
  });

  it("does not count what its manager makes by itself", () => {
    expect(migrationCheck(aState({ kinds: [aKind("NodeImage", 12), aKind("CloneSet", 0)] })).findings).toEqual([]);
  });

  it("is taken over when its manager is at 0 and we are registered, and not there when nothing of it is", () => {
    const gone = {
      manager: { ...aManager(), replicas: 0 },
      theirLeader: undefined,
      ourLeader: "us",
      isRegistered: true,
    };
    expect(migrationCheck(aState(gone)).verdict).toBe("takenOver");
    const none = { manager: undefined, theirLeader: undefined, configurations: [] };
    expect(migrationCheck(aState(none)).verdict).toBe("notInstalled");
  });
});

const LIST = "kruise.io/sidecarset-injected-list";
const LAUNCH = "apps.kruise.io/container-launch-priority";
const SHOP = { "kubernetes.io/metadata.name": "shop" };

function aState(given: Partial<MigrationState> = {}): MigrationState {
  return {
    systemNamespace: "kruise-system",
    excludedNamespaces: ["kube-system"],
    manager: aManager(),
    theirLeader: "them",
    ourLeader: undefined,
    isRegistered: false,
    configurations: [aConfiguration({})],
    kinds: [aKind("SidecarSet", 1)],
    sidecarSets: [stored()],
    pods: [aPod("shop", { [LIST]: "logs" })],
    namespaces: new Map([["shop", SHOP]]),
    ...given,
  };
}

function aManager(args: readonly string[] = [], labels: Readonly<Record<string, string>> = {}) {
  const containers = [{ name: "manager", image: "openkruise/kruise-manager:v1.8.0", args }];
  const deployment: ManagerDeployment = {
    ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { labels } },
    spec: { replicas: 2, template: { spec: { containers } } },
  };
  return managerInstallation(deployment);
}

function aConfiguration(given: Partial<MigrationState["configurations"][number]>) {
  return { name: "mutating", webhooks: 3, serviceNamespace: "kruise-system", podFailurePolicy: "Fail", ...given };
}

function aKind(kind: string, objects: number | undefined) {
  const definition = `${kind.toLowerCase()}s.apps.kruise.io`;
  return { kind, definition, versions: ["v1alpha1"], storedVersions: ["v1alpha1"], convertedByWebhook: false, objects };
}

function aPod(namespace: string, annotations: Readonly<Record<string, string>>) {
  const metadata = { namespace, name: "web-0", labels: { app: "web" }, annotations };
  return podRecord({ apiVersion: "v1", kind: "Pod", metadata, spec: { containers: [{ name: "web" }] } });
}

/** With the hashes that admission writes. */
function stored(annotations: Readonly<Record<string, string>> = {}): JsonObject {
  const spec = {
    selector: { matchLabels: { app: "web" } },
    namespace: "shop",
    containers: [{ name: "log", image: "log:1" }],
    updateStrategy: { partition: "50%" },
  };
  const raw = { apiVersion: "apps.kruise.io/v1alpha1", kind: "SidecarSet", metadata: { name: "logs" }, spec };
  const set = parseSidecarSet(raw);
  if (!set.ok) throw new Error("it can be read");
  return { ...raw, metadata: { name: "logs", annotations: { ...withHashes(set.value).annotations, ...annotations } } };
}
