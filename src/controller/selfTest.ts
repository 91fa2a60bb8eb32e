import type { Cluster } from "../cluster/cluster.ts";
import { ClusterError, isClusterError } from "../cluster/clusterError.ts";
import { type Environment, sleep } from "../cluster/environment.ts";
import { PODS } from "../cluster/resource.ts";
import type { KubeObject } from "../core/kube/object.ts";
import { SELF_TEST_LABEL, SELF_TEST_PROOF, SELF_TEST_TOKEN } from "../core/sidecarSet/annotations.ts";

export interface SelfTestOptions {
  readonly cluster: Pick<Cluster, "create">;
  readonly environment: Environment;
  /** Where the pod would be created; the registration sends only its pods. */
  readonly namespace: string;
  readonly signal: AbortSignal;
}

/**
 * A time in which the API server reached us, or did not (`missed`: pods were refused, or started without their sidecars), or did not
 * answer us either, so that nobody knows.
 */
export interface SelfTestWindow {
  readonly found: "reached" | "missed" | "unanswered";
  /** The first test that found it so. Milliseconds since the epoch. */
  readonly from: number;
  /** The last one. */
  readonly until: number;
  /** Of the first one. */
  readonly error?: string;
}

const EVERY_MS = 30_000;
/** A registration takes a moment to reach every API server: only what is repeated counts. */
const AGAIN_MS = 2_000;
/** Longer than the API server waits for us. */
const PATIENCE_MS = 10_000;
const MOST_WINDOWS = 100;

/**
 * Proves, from time to time, that the API server reaches the webhook: it is asked what would become of a pod that nobody runs, and the
 * webhook's mark must be on it.
 */
export class SelfTest {
  readonly #windows: SelfTestWindow[] = [];
  #lastSuccess: number | undefined;
  #obstacle: string | undefined;
  #running = 0;

  /** The newest last; the last hundred. Empty: not tested yet. */
  get windows(): readonly SelfTestWindow[] {
    return this.#windows;
  }

  /** Whether tests are being made: what was found is about now. */
  get running(): boolean {
    return this.#running > 0;
  }

  /** Undefined: not tested yet, or the API server does not answer. */
  get reached(): boolean | undefined {
    const found = this.#windows.at(-1)?.found;
    return found === undefined || found === "unanswered" ? undefined : found === "reached";
  }

  /** Milliseconds since the epoch. */
  get lastSuccess(): number | undefined {
    return this.#lastSuccess;
  }

  /** Tests until the signal aborts. */
  async run(options: SelfTestOptions): Promise<void> {
    this.#running++;
    await this.#test(options).finally(() => this.#running--);
  }

  async #test(options: SelfTestOptions): Promise<void> {
    const { clock } = options.environment;
    const { signal } = options;
    while (!signal.aborted) {
      let finding = await test(options);
      if (finding.kind !== "reached" && !signal.aborted) {
        await sleep(clock, AGAIN_MS, signal);
        finding = await test(options);
      }
      if (signal.aborted) return;
      this.#take(finding, options.environment);
      await sleep(clock, EVERY_MS, signal);
    }
  }

  #take(finding: Finding, environment: Environment): void {
    const before = this.#obstacle;
    this.#obstacle = finding.kind === "untested" || finding.kind === "unanswered" ? finding.error : undefined;
    if (this.#obstacle !== undefined && this.#obstacle !== before)
      environment.log("warn", "the self-test cannot be made", { error: this.#obstacle });
    if (finding.kind !== "untested") this.#record(finding, environment);
  }

  #record(finding: Exclude<Finding, { readonly kind: "untested" }>, { clock, log }: Environment): void {
    const now = clock.now();
    if (finding.kind === "reached") this.#lastSuccess = now;
    const last = this.#windows.at(-1);
    if (last?.found === finding.kind) {
      this.#windows[this.#windows.length - 1] = { ...last, until: now };
      return;
    }
    const { kind: found, ...error } = finding;
    this.#windows.push({ found, from: now, until: now, ...error });
    if (this.#windows.length > MOST_WINDOWS) this.#windows.shift();
    if (finding.kind === "missed") log("error", "the API server does not reach the webhook", { error: finding.error });
    else if (finding.kind === "reached" && last)
      log("info", "the API server reaches the webhook again", { seconds: (now - last.from) / 1000 });
    else if (finding.kind === "reached") log("info", "the API server reaches the webhook");
  }
}

type Finding =
  | { readonly kind: "reached" }
  | { readonly kind: "missed"; readonly error: string }
  /** The API server does not answer: it calls nobody, or we are cut off from it. */
  | { readonly kind: "unanswered"; readonly error: string }
  /** The API server refuses the pod for reasons of its own: rights, a quota, a policy. That tells nothing of us. */
  | { readonly kind: "untested"; readonly error: string };

async function test({ cluster, environment, namespace, signal }: SelfTestOptions): Promise<Finding> {
  const { clock, random } = environment;
  const token = `${Math.floor(random() * 2 ** 48)}-${clock.now()}`;
  const patience = new AbortController();
  const impatience = sleep(clock, PATIENCE_MS, AbortSignal.any([signal, patience.signal]));
  const asked = cluster.create(PODS, testPod(namespace, token), { dryRun: true });
  const found = await Promise.race([
    asked.then(({ metadata }) => judged(metadata.annotations?.[SELF_TEST_PROOF] === token), failed),
    impatience.then((): Finding => ({ kind: "unanswered", error: "the API server does not answer" })),
  ]);
  patience.abort();
  return found;
}

function judged(isProven: boolean): Finding {
  if (isProven) return { kind: "reached" };
  return { kind: "missed", error: "the API server did not call the webhook, or got no answer from it" };
}

/** The registration of the test lets the pod pass where nobody answers: no failure of the API server is about the webhook. */
function failed(error: unknown): Finding {
  const isRefusal = error instanceof ClusterError && !isClusterError(error, "unavailable", "unknown");
  return { kind: isRefusal ? "untested" : "unanswered", error: messageOf(error) };
}

/** It passes the strictest pod security, for it is judged like any other. */
function testPod(namespace: string, token: string): KubeObject {
  const securityContext = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    runAsNonRoot: true,
    seccompProfile: { type: "RuntimeDefault" },
  };
  const resources = { requests: { cpu: "1m", memory: "1Mi" }, limits: { cpu: "1m", memory: "1Mi" } };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      generateName: "sidecarset-self-test-",
      namespace,
      labels: { [SELF_TEST_LABEL]: "true" },
      annotations: { [SELF_TEST_TOKEN]: token },
    },
    spec: { restartPolicy: "Never", containers: [{ name: "test", image: "test", securityContext, resources }] },
  } as KubeObject;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
