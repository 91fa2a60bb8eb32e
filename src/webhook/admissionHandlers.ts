import type { Cluster } from "../cluster/cluster.ts";
import type { Environment } from "../cluster/environment.ts";
import { type InjectionCopies, injectionGatherer } from "../cluster/gatherInjection.ts";
import { gatherValidation } from "../cluster/gatherValidation.ts";
import { namespaceReads } from "../cluster/namespaceReads.ts";
import type { RevisionTally } from "../cluster/revisionTally.ts";
import type { InjectionRules } from "../core/injection/injection.ts";
import { isTooDeep, TOO_DEEP } from "../core/kube/nesting.ts";
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
import { WEBHOOK_PATHS } from "./registration.ts";

export interface AdmissionContext {
  readonly copies: InjectionCopies;
  /** Asked only for a namespace that the copy does not know yet, and for the white list of pod annotations. */
  readonly cluster: Pick<Cluster, "get">;
  readonly environment: Pick<Environment, "clock">;
  /** Where the configuration stands. */
  readonly systemNamespace: string;
  /** What the installation says about all SidecarSets; absent: nothing. */
  readonly rules?: InjectionRules;
  /** What the pods that exist carry; absent: unknown, and pods are divided between revisions by their names. */
  readonly tally?: RevisionTally;
  /** Absent: nobody counts. */
  readonly metrics?: Pick<AdmissionMetrics, "countPod" | "countFailure" | "countNamespaceRead">;
}

/** Rejects with a ClusterError when it cannot decide. */
export type AdmissionHandler = (request: AdmissionRequest) => AdmissionAnswer | Promise<AdmissionAnswer>;

/** What is asked at which path. */
export type AdmissionHandlers = ReadonlyMap<string, AdmissionHandler>;

export function admissionHandlers(options: AdmissionContext): AdmissionHandlers {
  const { copies, systemNamespace, rules, tally, metrics, ...context } = options;
  const { clock } = context.environment;
  const reader = { cluster: context.cluster, clock };
  const readNamespace = namespaceReads(reader, (result) => metrics?.countNamespaceRead(result));
  const gather = injectionGatherer(copies, readNamespace);
  return new Map<string, AdmissionHandler>([
    [
      WEBHOOK_PATHS.pods,
      async (request) => {
        try {
          const gathered = await gather(request);
          const answer = admitPod(request, { ...gathered, ...rules, tally }, clock.now());
          metrics?.countPod(answer);
          return answer;
        } catch (error) {
          metrics?.countFailure(error);
          throw error;
        }
      },
    ],
    [WEBHOOK_PATHS.sidecarSetHashes, mutateSidecarSet],
    [
      WEBHOOK_PATHS.sidecarSetValidation,
      async (request) => {
        const needs = { whitelist: patchesPodMetadata(request), systemNamespace };
        return judgeSidecarSet(request, await gatherValidation(copies, needs, reader));
      },
    ],
  ]);
}

/** Decides, and answers with a review. */
export function reviewBy(handler: AdmissionHandler, request: AdmissionRequest): Promise<object> {
  return answerBy(handler, request, admissionReviewOf);
}

/**
 * Decides, and answers. An object that is nested too deep for our stack is refused; whether it is gets asked only after a failure,
 * because it takes as long as a decision.
 */
export async function answerBy<T>(
  handler: AdmissionHandler,
  request: AdmissionRequest,
  encode: (uid: string, answer: AdmissionAnswer) => T,
): Promise<T> {
  try {
    return encode(request.uid, await handler(request));
  } catch (error) {
    if (!isTooDeep(request.object) && !isTooDeep(request.oldObject)) throw error;
    const status = failure({ code: 422, reason: "Invalid", message: `the object cannot be read: ${TOO_DEEP}` });
    return encode(request.uid, { allowed: false, status });
  }
}

/** The same without a socket, for an API server in this process: review in, review out. Rejects where HTTPS would answer an error. */
export async function reviewInProcess(handlers: AdmissionHandlers, path: string, review: unknown): Promise<object> {
  const handler = handlers.get(path);
  if (handler === undefined) throw new Error(`there is nothing at ${path}`);
  const request = readAdmissionReview(review);
  if (!request.ok) throw new Error(request.error);
  return reviewBy(handler, request.value);
}
