import type { ServerNames } from "../../certificate/certificateState.ts";
import { LIFETIMES, type Lifetimes } from "../../certificate/planCertificate.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import { type Environment, sleep } from "../../cluster/environment.ts";
import { startInformer } from "../../cluster/informer.ts";
import type { LeaderPart, Leading } from "../../cluster/leaderPart.ts";
import { SECRETS } from "../../cluster/resource.ts";
import { findSecret, type Secret, type SecretName, textOfName } from "./certificateSecret.ts";
import { CertificateError, type Certificates } from "./certificates.ts";
import { CertificateTurn } from "./certificateTurn.ts";
import type { RegisteredBundles } from "./registeredBundles.ts";
import { SeenSecret } from "./seenSecret.ts";

export interface OwnCertificateOptions {
  readonly cluster: Cluster;
  readonly environment: Environment;
  /** Aborts when the manager ends. */
  readonly signal: AbortSignal;
  readonly systemNamespace: string;
  readonly names: ServerNames;
  readonly registered: RegisteredBundles;
  readonly lifetimes?: Lifetimes;
}

export interface OwnCertificate {
  readonly certificates: Certificates;
  /** Renews and rotates. */
  readonly leaderPart: LeaderPart;
}

export const CERTIFICATE_SECRET = "sidecarset-webhook-certificate";

/** How long a write that was refused or did not arrive waits for the next try. */
const RETRY_MS = { conflict: 200, trouble: 5_000 };

/**
 * The certificate in our own Secret. Every replica follows it; who starts without one that can be served makes it (the first write wins,
 * the others take what it wrote); afterwards only the leader writes.
 */
export function ownCertificate(options: OwnCertificateOptions): OwnCertificate {
  const { cluster, environment, signal, systemNamespace } = options;
  const name = { namespace: systemNamespace, name: CERTIFICATE_SECRET };
  const seen = new SeenSecret(name, environment.log);
  const context = { ...options, name, seen, lifetimes: options.lifetimes ?? LIFETIMES };
  const copy = startInformer<Secret, Secret>({
    cluster,
    environment,
    signal,
    type: SECRETS,
    transform: (secret) => secret,
    listOptions: { namespace: systemNamespace, fieldSelector: `metadata.name=${CERTIFICATE_SECRET}` },
  });
  copy.subscribe((change) => {
    if (change.type !== "deleted") seen.take(change.object);
  });
  void begin(context).catch((error: unknown) => seen.certificates.fail(error));
  return {
    certificates: seen.certificates,
    leaderPart: {
      name: "certificate",
      start: (leading) => keep(leading, context, (wake) => [copy.subscribe(wake), options.registered.subscribe(wake)]),
    },
  };
}

interface Context extends OwnCertificateOptions {
  readonly name: SecretName;
  readonly seen: SeenSecret;
  readonly lifetimes: Lifetimes;
}

/** Until there is something to serve; a Secret that can be used is taken as it is. */
async function begin(context: Context): Promise<void> {
  const { cluster, environment, signal, name, seen } = context;
  const turn = new CertificateTurn(context);
  while (!signal.aborted) {
    try {
      seen.take(await findSecret(cluster, name));
      if (seen.certificates.current() !== undefined) return;
      await turn.take(cluster);
    } catch (error) {
      if (isClusterError(error, "forbidden", "unauthorized", "notFound", "invalid")) throw unusable(name, error);
      await sleep(environment.clock, retryAfter(error, context), signal);
    }
  }
}

/** One turn after the other: at once after a write, else when something changes or falls due. The first has come to its end when this settles. */
async function keep(
  { signal, cluster }: Leading,
  context: Context,
  listen: (wake: () => void) => readonly (() => void)[],
): Promise<void> {
  let woken = new AbortController();
  const wake = (): void => woken.abort();
  const turn = new CertificateTurn({ ...context, onOverlapPassed: wake });
  const unsubscribe = listen(wake);
  const end = (): void => {
    for (const stop of unsubscribe) stop();
    turn.end();
  };
  // What changes from here on, also while the turn reads, makes another one follow.
  const take = (): Promise<number> => {
    woken = new AbortController();
    return turn.take(cluster);
  };
  let delayMs = await take().catch((error: unknown) => {
    // Who starts at the same time makes the certificate too.
    if (isOvertaken(error)) return RETRY_MS.conflict;
    end();
    throw error;
  });
  void (async () => {
    while (!signal.aborted) {
      await sleep(context.environment.clock, delayMs, AbortSignal.any([signal, woken.signal]));
      if (!signal.aborted)
        delayMs = await take().catch((error: unknown) => (signal.aborted ? 0 : retryAfter(error, context)));
    }
    end();
  })();
}

function retryAfter(error: unknown, { environment, name }: Context): number {
  if (isOvertaken(error)) return RETRY_MS.conflict;
  environment.log("warn", "the certificate Secret could not be read or written, trying again", {
    secret: textOfName(name),
    error: error instanceof Error ? error.message : String(error),
  });
  return RETRY_MS.trouble;
}

function isOvertaken(error: unknown): boolean {
  return isClusterError(error, "conflict", "alreadyExists");
}

function unusable(name: SecretName, cause: Error): CertificateError {
  return new CertificateError(`the certificate Secret ${textOfName(name)} cannot be had: ${cause.message}`, cause);
}
