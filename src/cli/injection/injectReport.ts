import type { Addition } from "../../core/injection/addition.ts";
import type { ChosenRevision } from "../../core/injection/chooseRevision.ts";
import type { Injection } from "../../core/injection/injection.ts";
import type { InjectionError } from "../../core/injection/injectionReason.ts";
import { provenance } from "../../core/injection/provenance.ts";
import { requestsAdded } from "../../core/injection/requestedResources.ts";
import { isJsonObject } from "../../core/kube/object.ts";
import type { Pod } from "../../core/kube/pod.ts";
import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";
import type { LocatedObject } from "../manifests.ts";
import { type Missing, missingSidecarSets } from "./expectations.ts";
import type { KnownSidecarSet } from "./injectionSurroundings.ts";
import type { InjectedManifest } from "./injectManifest.ts";

/** What `sidecarset inject --explain -o json` prints; within v1 fields are only added. Described in docs/reference/inject-report.md. */
export interface InjectReport {
  readonly apiVersion: "cli.sidecarset/v1";
  readonly kind: "InjectReport";
  /** RFC 3339. */
  readonly generatedAt: string;
  /** Whether nothing is refused and nothing expected is missing. */
  readonly clean: boolean;
  readonly sidecarSets: readonly { readonly name: string; readonly source: string }[];
  /** Pods and workloads, in the order of the files. */
  readonly objects: readonly ObjectReport[];
  /** Objects without pods, which stay as they are. */
  readonly passed: readonly ObjectPlace[];
  /** What `--expect` names and an object does not get. */
  readonly missing: readonly Missing[];
  /** About the files: what reads otherwise than it looks, fields that do not exist. */
  readonly warnings: readonly string[];
  readonly remarks: readonly string[];
}

interface ObjectPlace {
  /** The file as it was named, or "standard input". */
  readonly source: string;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

export interface ObjectReport extends ObjectPlace {
  readonly namespace: string;
  /** Where the object describes its pods; empty for a pod. */
  readonly podField: string;
  readonly result: "injected" | "unchanged" | "refused";
  readonly containers: { readonly before: number; readonly after: number };
  readonly outcomes: readonly OutcomeReport[];
  readonly added: readonly Addition[];
  /** How much more a node has to set aside for a pod: `{ cpu: "+50m" }`. */
  readonly requests: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

export interface OutcomeReport {
  readonly sidecarSet: string;
  readonly result: "injected" | "skipped" | "refused";
  /** As they are named in the pod. */
  readonly containers: readonly string[];
  /** Of what is injected; the name is empty before the controller has made the revision. */
  readonly revision?: { readonly name: string; readonly hash: string; readonly latest: boolean };
  /** Whether the pod had all of it before. */
  readonly already?: boolean;
  /** Whether the pods of this workload may get different revisions; this is what one of them would get. */
  readonly divided?: boolean;
  /** Why it is skipped, refused, or not the latest revision. */
  readonly code?: string;
  readonly because?: string;
  readonly message?: string;
  /** What has to change, where it is refused. */
  readonly field?: string;
}

export function injectReport(
  injected: readonly InjectedManifest[],
  given: {
    readonly generatedAt: string;
    readonly sidecarSets: readonly KnownSidecarSet[];
    readonly passed: readonly LocatedObject[];
    readonly expected: readonly string[];
    readonly warnings: readonly string[];
    readonly remarks: readonly string[];
  },
): InjectReport {
  const missing = missingSidecarSets(injected, given.expected);
  const known = new Map(given.sidecarSets.map(({ set }) => [set.name, set]));
  return {
    apiVersion: "cli.sidecarset/v1",
    kind: "InjectReport",
    generatedAt: given.generatedAt,
    clean: missing.length === 0 && injected.every(({ decision }) => decision.ok),
    sidecarSets: given.sidecarSets.map(({ set, source }) => ({ name: set.name, source })),
    objects: injected.map((each) => objectReport(each, known)),
    passed: given.passed.map(placeOf),
    missing,
    warnings: given.warnings,
    remarks: given.remarks,
  };
}

function objectReport(
  { manifest, before, after, decision }: InjectedManifest,
  known: ReadonlyMap<string, SidecarSet>,
): ObjectReport {
  const podField = manifest.podPath.join(".");
  return {
    ...placeOf(manifest),
    namespace: manifest.namespace,
    podField,
    result: !decision.ok ? "refused" : after === before ? "unchanged" : "injected",
    containers: { before: containerCount(before), after: containerCount(after) },
    outcomes: decision.ok ? outcomeReports(decision.value, known, podField) : [refusal(decision.error)],
    added: decision.ok ? provenance(before, after, decision.value).map((each) => inObject(each, podField)) : [],
    requests: requestsAdded(before.spec, after.spec),
    warnings: decision.ok ? decision.value.warnings : [],
  };
}

function placeOf({ object, source, position }: LocatedObject): ObjectPlace {
  const { apiVersion, kind } = object;
  const { name, generateName } = isJsonObject(object.metadata) ? object.metadata : {};
  return { source, ...position(""), apiVersion, kind, name: String(name ?? generateName ?? "") };
}

function containerCount({ spec }: Pod): number {
  return spec.containers.length + (spec.initContainers ?? []).length;
}

function inObject(addition: Addition, podField: string): Addition {
  return podField === "" ? addition : { ...addition, path: `${podField}.${addition.path}` };
}

function refusal({ sidecarSet, field, reason }: InjectionError): OutcomeReport {
  return { sidecarSet, result: "refused", containers: [], ...reason, field };
}

function outcomeReports(
  { outcomes, workings }: Injection,
  known: ReadonlyMap<string, SidecarSet>,
  podField: string,
): readonly OutcomeReport[] {
  return outcomes.map((outcome) => {
    const { sidecarSet } = outcome;
    if (outcome.kind === "skipped") return { sidecarSet, result: "skipped", containers: [], ...outcome.reason };
    const set = known.get(sidecarSet);
    const chosen = workings?.chosen.find((each) => each.set.name === sidecarSet);
    return {
      sidecarSet,
      result: "injected",
      containers: outcome.containers,
      ...(chosen && { revision: revisionReport(chosen, set) }),
      ...(workings?.built.every(({ revision }) => revision !== chosen) && { already: true }),
      ...(podField !== "" && set && isDivided(set) && { divided: true }),
      ...outcome.otherRevision,
    };
  });
}

function revisionReport(chosen: ChosenRevision, live: SidecarSet | undefined): OutcomeReport["revision"] {
  return { name: chosen.controllerRevision, hash: chosen.hash, latest: chosen.set === live };
}

function isDivided({ spec }: SidecarSet): boolean {
  const policy = spec.injectionStrategy.revision?.policy;
  return policy === "Partial" || policy === "FollowPartition";
}
