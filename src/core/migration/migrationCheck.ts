import type { Labels } from "../kube/labelSelector.ts";
import type { JsonObject } from "../kube/object.ts";
import type { PodRecord } from "../pod/podRecord.ts";
import { parseSidecarSet } from "../sidecarSet/parseSidecarSet.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { featuresInUse } from "./featuresInUse.ts";
import { hashDifference } from "./hashDifference.ts";
import { isGateOn, type ManagerInstallation } from "./managerInstallation.ts";
import { isBlocked, type MigrationFinding, migrationFinding } from "./migrationFinding.ts";
import { isOtherKind, SIDECAR_SET_GATES } from "./openKruise.ts";
import { isInjectedPod, podsNoLongerExempt, podsNoLongerInjected, stoppingFeatures } from "./openKruiseUse.ts";

/** Everything that moving over is judged by, at one moment. */
export interface MigrationState {
  /** Where revisions live: of OpenKruise's manager and of ours. */
  readonly systemNamespace: string;
  readonly excludedNamespaces: readonly string[];
  /** Undefined: there is no Deployment of it in the system namespace. */
  readonly manager: ManagerInstallation | undefined;
  /** Who holds the leases at the moment; undefined: nobody who is alive. */
  readonly theirLeader: string | undefined;
  readonly ourLeader: string | undefined;
  readonly isRegistered: boolean;
  readonly configurations: readonly WebhooksOf[];
  /** The kinds of OpenKruise's groups that the cluster serves. */
  readonly kinds: readonly ServedKind[];
  /** As the API server hands them out. */
  readonly sidecarSets: readonly JsonObject[];
  readonly pods: readonly PodRecord[];
  readonly namespaces: ReadonlyMap<string, Labels>;
}

/** One of OpenKruise's webhook configurations. */
export interface WebhooksOf {
  readonly name: string;
  readonly webhooks: number;
  /** Of the namespace of the Service that it calls; empty: it calls none. */
  readonly serviceNamespace: string;
  /** Of its entry for new pods; undefined: it has none. */
  readonly podFailurePolicy: string | undefined;
}

export interface ServedKind {
  readonly kind: string;
  /** `sidecarsets.apps.kruise.io` */
  readonly definition: string;
  readonly versions: readonly string[];
  readonly storedVersions: readonly string[];
  readonly convertedByWebhook: boolean;
  /** Undefined: they cannot be read at the moment. */
  readonly objects: number | undefined;
}

/** `ready`, `findings`, `blocked`: OpenKruise runs. `takenOver`: it does not, and we do. `notInstalled`: there is no OpenKruise. */
type MigrationVerdict = "ready" | "findings" | "blocked" | "takenOver" | "notInstalled";

export interface MigrationCheck {
  readonly verdict: MigrationVerdict;
  readonly nextStep: string;
  readonly sidecarSets: readonly { readonly name: string; readonly features: readonly string[] }[];
  readonly pods: { readonly all: number; readonly injected: number };
  readonly findings: readonly MigrationFinding[];
}

export function migrationCheck(state: MigrationState): MigrationCheck {
  const read = state.sidecarSets.map((raw) => parseSidecarSet(raw));
  const sets = read.flatMap((set) => (set.ok ? [set.value] : []));
  const findings = CHECKS.flatMap((check) => check(state, sets));
  const verdict = verdictOf(state, findings);
  return {
    verdict,
    nextStep: NEXT_STEPS[verdict],
    sidecarSets: sets.map((set) => ({ name: set.name, features: featuresInUse(set) })),
    pods: { all: state.pods.length, injected: state.pods.filter(isInjectedPod).length },
    findings,
  };
}

const NEXT_STEPS: Readonly<Record<MigrationVerdict, string>> = {
  ready: "start our manager, which waits for OpenKruise's, then: sidecarset migrate --take-over",
  findings:
    "read the warnings; then start our manager, which waits for OpenKruise's, and: sidecarset migrate --take-over",
  blocked: "mend what is in the way (docs/reference/migration.md), then: sidecarset migrate --check",
  takenOver: "nothing; the way back is: sidecarset migrate --give-back",
  notInstalled: "nothing to take over: start our manager",
};

function verdictOf(state: MigrationState, findings: readonly MigrationFinding[]): MigrationVerdict {
  const isThere = state.manager !== undefined || state.configurations.some(({ webhooks }) => webhooks > 0);
  if (!isThere) return "notInstalled";
  if (state.manager?.replicas === 0 && state.theirLeader === undefined && state.isRegistered) return "takenOver";
  if (isBlocked(findings)) return "blocked";
  return findings.some(({ severity }) => severity === "warning") ? "findings" : "ready";
}

type Check = (state: MigrationState, sets: readonly SidecarSet[]) => readonly MigrationFinding[];

const bothManagersRun: Check = ({ theirLeader, ourLeader }) =>
  theirLeader !== undefined && ourLeader !== undefined
    ? [
        migrationFinding(
          "bothManagersRun",
          ourLeader,
          `our manager leads while OpenKruise's does (${theirLeader}): both upgrade the same pods; stop one of them`,
        ),
      ]
    : [];

/** Revisions of pods in the field are found only where OpenKruise has put them. */
const otherNamespace: Check = ({ configurations, systemNamespace }) => {
  const names = configurations.map(({ serviceNamespace }) => serviceNamespace);
  const elsewhere = [...new Set(names)].filter((name) => name !== "" && name !== systemNamespace);
  return elsewhere.map((name) =>
    migrationFinding(
      "otherNamespace",
      name,
      `OpenKruise lives in namespace ${name}, and so do its revisions; use --system-namespace ${name}, for our manager too`,
    ),
  );
};

const unreadable: Check = ({ sidecarSets }) =>
  sidecarSets.flatMap((raw) => {
    const set = parseSidecarSet(raw);
    if (set.ok) return [];
    const name = String((raw.metadata as JsonObject | undefined)?.name ?? "");
    const problems = set.error.map(({ field, detail }) => `${field}: ${detail}`).join("; ");
    return [migrationFinding("unreadableSidecarSet", name, `cannot be read: ${problems}`)];
  });

const hashes: Check = (_state, sets) =>
  sets.flatMap((set) => {
    const difference = hashDifference(set);
    if (difference === undefined) return [];
    const message = `${difference.annotation} is ${difference.stored || "missing"}, we compute ${difference.ours}: its pods count as outdated from its next edit on`;
    return [migrationFinding("hashDiffers", set.name, message)];
  });

const otherKinds: Check = ({ kinds }) =>
  kinds
    .filter(({ kind, objects }) => isOtherKind(kind) && objects !== 0)
    .map(({ kind, definition, objects }) => {
      const some = objects === undefined ? "objects that cannot be counted" : `${objects} objects`;
      return migrationFinding(
        "otherKindsInUse",
        definition,
        `${kind}: ${some} would stand still with OpenKruise's manager; --stop-other-kinds accepts that`,
      );
    });

const features: Check = ({ pods, namespaces }, sets) =>
  stoppingFeatures(pods, namespaces, sets).map(({ feature, objects, examples }) =>
    migrationFinding(
      "featureStops",
      feature,
      `${feature} ends with OpenKruise's manager: used by ${objects}, first ${examples.join(", ")}`,
    ),
  );

const excluded: Check = ({ pods, excludedNamespaces }) =>
  podsNoLongerInjected(pods, excludedNamespaces).map(({ namespace, pods: count, examples }) =>
    migrationFinding(
      "namespaceExcluded",
      namespace,
      `${count} pods have sidecars, and get none when they are recreated (${examples.join(", ")}); --excluded-namespaces of our manager says otherwise`,
    ),
  );

const exempt: Check = ({ pods, namespaces, excludedNamespaces }, sidecarSets) =>
  podsNoLongerExempt(pods, { sidecarSets, namespaces, excludedNamespaces }).map(
    ({ namespace, pods: count, examples }) =>
      migrationFinding(
        "namespaceNoLongerExempt",
        namespace,
        `OpenKruise leaves it alone because of its label control-plane; ${count} pods get sidecars when they are recreated (${examples.join(", ")}), unless --excluded-namespaces names it`,
      ),
  );

const gates: Check = ({ manager }) => {
  if (!manager) return [];
  const differing = Object.keys(SIDECAR_SET_GATES).filter(
    (gate) => isGateOn(manager.featureGates, gate) !== SIDECAR_SET_GATES[gate],
  );
  return differing.map((gate) => migrationFinding("gateDiffers", gate, GATE_EFFECTS[gate]!));
};

const GATE_EFFECTS: Readonly<Record<string, string>> = {
  PodWebhook: "OpenKruise injects no pods at the moment; we do",
  SidecarSetPatchPodMetadataDefaultsAllowed:
    "OpenKruise lets SidecarSets patch any annotation of pods; we ask the ConfigMap kruise-configuration, so edits of such sets may be refused",
  EnableSortSidecarContainerByName:
    "OpenKruise sorts the sidecars of a pod by name; ours come in the order of their SidecarSets, so new pods may have another order",
};

const conversion: Check = ({ kinds }) =>
  kinds
    .filter(({ kind, convertedByWebhook, objects }) => convertedByWebhook && isOtherKind(kind) && objects !== 0)
    .map(({ kind, definition }) =>
      migrationFinding(
        "conversionWebhook",
        definition,
        `${kind} is converted by OpenKruise's manager: without it only the stored version can be read`,
      ),
    );

const managedElsewhere: Check = ({ manager }) =>
  manager?.managedBy === undefined || manager.replicas === 0
    ? []
    : [
        migrationFinding(
          "managedElsewhere",
          manager.managedBy,
          `${manager.managedBy} manages OpenKruise's Deployment and would scale it up again: set its replicas to 0 there as well`,
        ),
      ];

const failOpen: Check = ({ configurations }) =>
  configurations
    .filter(({ podFailurePolicy }) => podFailurePolicy === "Ignore")
    .map(({ name }) =>
      migrationFinding(
        "podsFailOpen",
        name,
        "OpenKruise lets pods start without sidecars while nobody answers; we refuse those that SidecarSets select, unless --default-failure-policy says Ignore",
      ),
    );

/** What is in the way first, then what changes for somebody. */
const CHECKS: readonly Check[] = [
  bothManagersRun,
  otherNamespace,
  unreadable,
  otherKinds,
  hashes,
  features,
  excluded,
  exempt,
  gates,
  conversion,
  managedElsewhere,
  failOpen,
];
