import type { Addition } from "../../core/injection/addition.ts";
import type { ChosenRevision } from "../../core/injection/chooseRevision.ts";
import type { Injection, InjectionOutcome } from "../../core/injection/injection.ts";
import type { InjectionError } from "../../core/injection/injectionReason.ts";
import { provenance } from "../../core/injection/provenance.ts";
import { requestsAdded } from "../../core/injection/requestedResources.ts";
import type { Pod } from "../../core/kube/pod.ts";
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
  /** What `--expect` names and an object does not get. */
  readonly missing: readonly Missing[];
  readonly remarks: readonly string[];
}

export interface ObjectReport {
  /** The file as it was named, or "standard input". */
  readonly source: string;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
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
    readonly expected: readonly string[];
    readonly remarks: readonly string[];
  },
): InjectReport {
  const missing = missingSidecarSets(injected, given.expected);
  return {
    apiVersion: "cli.sidecarset/v1",
    kind: "InjectReport",
    generatedAt: given.generatedAt,
    clean: missing.length === 0 && injected.every(({ decision }) => decision.ok),
    sidecarSets: given.sidecarSets.map(({ set, source }) => ({ name: set.name, source })),
    objects: injected.map(objectReport),
    missing,
    remarks: given.remarks,
  };
}

function objectReport({ manifest, before, after, decision }: InjectedManifest): ObjectReport {
  const { object, source, namespace, podPath } = manifest;
  const podField = podPath.join(".");
  return {
    source,
    ...manifest.position(""),
    apiVersion: object.apiVersion,
    kind: object.kind,
    namespace,
    name: object.metadata.name ?? object.metadata.generateName ?? "",
    podField,
    result: !decision.ok ? "refused" : after === before ? "unchanged" : "injected",
    containers: { before: containerCount(before), after: containerCount(after) },
    outcomes: decision.ok ? outcomeReports(decision.value, podField) : [refusal(decision.error)],
    added: decision.ok ? provenance(before, after, decision.value).map((each) => inObject(each, podField)) : [],
    requests: requestsAdded(before.spec, after.spec),
    warnings: decision.ok ? decision.value.warnings : [],
  };
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

function outcomeReports({ outcomes, workings }: Injection, podField: string): readonly OutcomeReport[] {
  return outcomes.map((outcome) => {
    if (outcome.kind === "skipped") {
      return { sidecarSet: outcome.sidecarSet, result: "skipped", containers: [], ...outcome.reason };
    }
    const chosen = workings?.chosen.find(({ set }) => set.name === outcome.sidecarSet);
    const isBuilt = workings?.built.some(({ revision }) => revision === chosen);
    return {
      sidecarSet: outcome.sidecarSet,
      result: "injected",
      containers: outcome.containers,
      ...(chosen && { revision: revisionOf(chosen) }),
      ...(isBuilt === false && { already: true }),
      ...reasonOf(outcome, podField !== "" && isDivided(chosen)),
    };
  });
}

function revisionOf({ controllerRevision, hash, otherRevision }: ChosenRevision): OutcomeReport["revision"] {
  return { name: controllerRevision, hash, latest: otherRevision === undefined };
}

/** Whether the pods of one workload may get different revisions. */
function isDivided(chosen: ChosenRevision | undefined): boolean {
  const policy = chosen?.set.spec.injectionStrategy.revision?.policy;
  return policy === "Partial" || policy === "FollowPartition";
}

function reasonOf(
  { otherRevision }: Extract<InjectionOutcome, { kind: "injected" }>,
  divided: boolean,
): Pick<OutcomeReport, "code" | "because" | "message"> {
  const remark = "the pods of this workload are divided between two revisions, each is decided on its own";
  if (!divided) return otherRevision ?? {};
  return { ...otherRevision, message: [otherRevision?.message, remark].filter(Boolean).join("; ") };
}
