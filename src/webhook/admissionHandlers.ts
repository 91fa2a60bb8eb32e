import type { Cluster } from "../cluster/cluster.ts";
import type { Environment } from "../cluster/environment.ts";
import { gatherInjection, type InjectionCopies } from "../cluster/gatherInjection.ts";
import {
  type AdmissionAnswer,
  type AdmissionRequest,
  admissionReviewOf,
  readAdmissionReview,
} from "./admissionReview.ts";
import { admitPod } from "./admitPod.ts";
import { mutateSidecarSet, validateSidecarSet } from "./admitSidecarSet.ts";
import { WEBHOOK_PATHS } from "./registration.ts";

export interface AdmissionContext {
  readonly copies: InjectionCopies;
  /** Asked only for a namespace that the copy does not know yet. */
  readonly cluster: Pick<Cluster, "get">;
  readonly environment: Pick<Environment, "clock">;
}

/** Rejects with a ClusterError when it cannot decide. */
export type AdmissionHandler = (request: AdmissionRequest) => AdmissionAnswer | Promise<AdmissionAnswer>;

/** What is asked at which path. */
export type AdmissionHandlers = ReadonlyMap<string, AdmissionHandler>;

export function admissionHandlers({ copies, cluster, environment: { clock } }: AdmissionContext): AdmissionHandlers {
  return new Map<string, AdmissionHandler>([
    [
      WEBHOOK_PATHS.pods,
      async (request) =>
        admitPod(request, await gatherInjection(copies, request.namespace, { cluster, clock }), clock.now()),
    ],
    [WEBHOOK_PATHS.sidecarSetHashes, mutateSidecarSet],
    [WEBHOOK_PATHS.sidecarSetValidation, validateSidecarSet],
  ]);
}

/** The same without a socket, for an API server in this process: review in, review out. Rejects where HTTPS would answer an error. */
export async function reviewInProcess(handlers: AdmissionHandlers, path: string, review: unknown): Promise<object> {
  const handler = handlers.get(path);
  if (handler === undefined) throw new Error(`there is nothing at ${path}`);
  const request = readAdmissionReview(review);
  if (!request.ok) throw new Error(request.error);
  return admissionReviewOf(request.value.uid, await handler(request.value));
}
