import type { GatheredInjection } from "../cluster/gatherInjection.ts";
import type { RevisionTally } from "../cluster/revisionTally.ts";
import type { Injection, InjectionInput, InjectionRules } from "../core/injection/injection.ts";
import { type InjectionError, rejectionText } from "../core/injection/injectionReason.ts";
import { injectPod } from "../core/injection/injectPod.ts";
import { parsePod } from "../core/injection/parsePod.ts";
import type { Pod } from "../core/kube/pod.ts";
import type { Result } from "../core/result.ts";
import { type AdmissionAnswer, type AdmissionRequest, failure, UNCHANGED } from "./admissionReview.ts";
import { compileGoPattern } from "./goPattern.ts";
import { invalidStatus } from "./invalidStatus.ts";

/** What a decision depends on besides the pod and what was gathered for it. */
interface Circumstances {
  /** milliseconds since the epoch */
  readonly now: number;
  readonly rules?: InjectionRules | undefined;
  /** Decisions are counted there as well. Absent: nothing is known of other pods. */
  readonly tally?: RevisionTally | undefined;
}

/** Gives a new pod its sidecars. Everything but the creation of a pod passes unchanged. */
export function admitPod(
  request: AdmissionRequest,
  gathered: GatheredInjection,
  circumstances: Circumstances,
): AdmissionAnswer {
  if (request.operation !== "CREATE" || request.resource.resource !== "pods" || request.subResource !== "") {
    return UNCHANGED;
  }
  const pod = parsePod(request.object);
  if (!pod.ok) return { allowed: false, status: invalidStatus(podOf(request), pod.error) };
  const { now, rules, tally } = circumstances;
  // Field by field, because putting objects together by `...` takes as long as the decision; the type sees that none is forgotten.
  const input: EveryField<InjectionInput> = {
    pod: pod.value,
    requestNamespace: request.namespace,
    namespaceLabels: gathered.namespaceLabels,
    sidecarSets: gathered.sidecarSets,
    revisions: gathered.revisions,
    injectionStopped: gathered.injectionStopped,
    excludedNamespaces: rules?.excludedNamespaces,
    defaultFailurePolicy: rules?.defaultFailurePolicy,
    carried: tally?.isComplete() ? tally : undefined,
    now,
    compilePattern: compileGoPattern,
    identity: identityOf(pod.value, request),
    sortContainersByName: undefined,
  };
  const injection = injectPod(input);
  if (injection.ok && !request.dryRun) expectPod(injection.value, circumstances);
  return answerTo(injection, request);
}

type EveryField<T> = { readonly [K in keyof Required<T>]: T[K] };

function identityOf({ metadata: { name, generateName } }: Pod, { uid }: AdmissionRequest): string {
  return name || `${generateName ?? ""}${uid}`;
}

/** The pods of a burst are decided on before the first of them shows up. */
function expectPod({ workings }: Injection, { tally }: Circumstances): void {
  for (const { set, hash, countsFor } of workings?.chosen ?? []) {
    if (countsFor !== undefined) tally?.expect({ owner: countsFor, sidecarSet: set.name, hash });
  }
}

function answerTo(injection: Result<Injection, InjectionError>, request: AdmissionRequest): AdmissionAnswer {
  if (injection.ok) {
    const { patch, warnings, outcomes } = injection.value;
    return { allowed: true, patch, warnings, outcomes };
  }
  const { field, reason } = injection.error;
  return {
    allowed: false,
    reason: reason.code,
    status: failure({
      code: 422,
      reason: "Invalid",
      message: rejectionText(injection.error),
      details: { ...podOf(request), causes: [{ reason: reason.because, message: reason.message, field }] },
    }),
  };
}

function podOf(request: AdmissionRequest): { readonly group: string; readonly kind: string; readonly name: string } {
  return { group: "", kind: "Pod", name: request.name };
}
