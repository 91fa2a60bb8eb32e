import type { BriefReader } from "../cluster/briefRead.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Environment } from "../cluster/environment.ts";
import { type GatheredInjection, type InjectionCopies, injectionGatherer } from "../cluster/gatherInjection.ts";
import { gatherValidation } from "../cluster/gatherValidation.ts";
import type { LocalCopy } from "../cluster/localCopy.ts";
import { namespaceReads } from "../cluster/namespaceReads.ts";
import type { RevisionTally } from "../cluster/revisionTally.ts";
import { andThen, orElse, type Soon } from "../cluster/soon.ts";
import type { InjectionRules } from "../core/injection/injection.ts";
import { isTooDeep, TOO_DEEP } from "../core/kube/nesting.ts";
import type { PodRecord } from "../core/pod/podRecord.ts";
import type { AdmissionMetrics } from "./admissionMetrics.ts";
import {
  type AdmissionAnswer,
  type AdmissionRequest,
  admissionReviewOf,
  failure,
  readAdmissionReview,
} from "./admissionReview.ts";
import { admitPod } from "./admitPod.ts";
import { judgeSidecarSet, mutateSidecarSet, patchesPodMetadata } from "./admitSidecarSet.ts";
import { ComingSidecarSets } from "./comingSidecarSets.ts";
import { proveSelfTest } from "./proveSelfTest.ts";
import { WEBHOOK_PATHS } from "./registration.ts";
import type { Announce } from "./registrationAnnouncer.ts";
import { tellWhatRemains } from "./tellWhatRemains.ts";

export interface AdmissionContext {
  readonly copies: InjectionCopies & {
    /** Absent: nobody knows which pods keep the sidecars of a SidecarSet that is deleted. */
    readonly pods?: LocalCopy<PodRecord>;
  };
  /** Asked only for a namespace that the copy does not know yet, and for the white list of pod annotations. */
  readonly cluster: Pick<Cluster, "get">;
  readonly environment: Pick<Environment, "clock">;
  /** Where the configuration stands. */
  readonly systemNamespace: string;
  /** What the installation says about all SidecarSets; absent: nothing. */
  readonly rules?: InjectionRules;
  /** What the pods that exist carry; absent: unknown, and pods are divided between revisions by their names. */
  readonly tally?: RevisionTally;
  /** Absent: a SidecarSet is registered after it has been stored. */
  readonly announce?: Announce;
  /** Absent: nobody counts. */
  readonly metrics?: Pick<AdmissionMetrics, "countPod" | "countFailure" | "countNamespaceRead">;
}

/** Fails with a ClusterError when it cannot decide. */
export type AdmissionHandler = (request: AdmissionRequest) => Soon<AdmissionAnswer>;

/** What is asked at which path. */
export type AdmissionHandlers = ReadonlyMap<string, AdmissionHandler>;

export function admissionHandlers(options: AdmissionContext): AdmissionHandlers {
  const { copies, systemNamespace, environment, cluster } = options;
  const reader = { cluster, clock: environment.clock };
  const coming = new ComingSidecarSets(copies.sidecarSets, environment.clock);
  return new Map<string, AdmissionHandler>([
    [WEBHOOK_PATHS.pods, podHandler(options, reader, coming)],
    [WEBHOOK_PATHS.sidecarSetHashes, mutateSidecarSet],
    [
      WEBHOOK_PATHS.sidecarSetValidation,
      async (request) => {
        const needs = { whitelist: patchesPodMetadata(request), systemNamespace };
        const answer = judgeSidecarSet(request, await gatherValidation(copies, needs, reader));
        return passed(request, answer, coming, options.announce);
      },
    ],
    [WEBHOOK_PATHS.sidecarSetDeletion, (request) => tellWhatRemains(request, copies.pods)],
    [WEBHOOK_PATHS.selfTest, proveSelfTest],
  ]);
}

/** The last that happens to a SidecarSet before it is stored; a dry run stores nothing. */
async function passed(
  { object, oldObject, dryRun }: AdmissionRequest,
  answer: AdmissionAnswer,
  coming: ComingSidecarSets,
  announce: Announce | undefined,
): Promise<AdmissionAnswer> {
  if (!answer.allowed || dryRun || object === undefined) return answer;
  const warning = await announce?.(object, oldObject);
  if (oldObject === undefined) coming.expect(object);
  return warning === undefined ? answer : { ...answer, warnings: [...answer.warnings, warning] };
}

function podHandler(
  { copies, rules, tally, metrics }: AdmissionContext,
  reader: BriefReader,
  coming: ComingSidecarSets,
): AdmissionHandler {
  const readNamespace = namespaceReads(reader, (result) => metrics?.countNamespaceRead(result));
  const gather = injectionGatherer(copies, readNamespace);
  const admit = (request: AdmissionRequest, gathered: GatheredInjection): AdmissionAnswer => {
    const answer = admitPod(request, gathered, { now: reader.clock.now(), rules, tally });
    metrics?.countPod(answer);
    return answer;
  };
  return (request) =>
    orElse(
      () =>
        andThen(coming.arrived(request.object), () => andThen(gather(request), (gathered) => admit(request, gathered))),
      (error) => {
        metrics?.countFailure(error);
        throw error;
      },
    );
}

/** Decides, and answers with a review. */
export async function reviewBy(handler: AdmissionHandler, request: AdmissionRequest): Promise<object> {
  return answerBy(handler, request, admissionReviewOf);
}

/**
 * Decides, and answers. An object that is nested too deep for our stack is refused; whether it is gets asked only after a failure,
 * because it takes as long as a decision.
 */
export function answerBy<T>(
  handler: AdmissionHandler,
  request: AdmissionRequest,
  encode: (uid: string, answer: AdmissionAnswer) => T,
): Soon<T> {
  return orElse(
    () => andThen(handler(request), (answer) => encode(request.uid, answer)),
    (error) => {
      if (!isTooDeep(request.object) && !isTooDeep(request.oldObject)) throw error;
      const status = failure({ code: 422, reason: "Invalid", message: `the object cannot be read: ${TOO_DEEP}` });
      return encode(request.uid, { allowed: false, status });
    },
  );
}

/** The same without a socket, for an API server in this process: review in, review out. Rejects where HTTPS would answer an error. */
export async function reviewInProcess(handlers: AdmissionHandlers, path: string, review: unknown): Promise<object> {
  const handler = handlers.get(path);
  if (handler === undefined) throw new Error(`there is nothing at ${path}`);
  const request = readAdmissionReview(review);
  if (!request.ok) throw new Error(request.error);
  return reviewBy(handler, request.value);
}
