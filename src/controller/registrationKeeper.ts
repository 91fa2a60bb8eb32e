import type { Cluster } from "../cluster/cluster.ts";
import { isClusterError } from "../cluster/clusterError.ts";
import type { Environment } from "../cluster/environment.ts";
import { startInformer } from "../cluster/informer.ts";
import type { Change, LocalCopy } from "../cluster/localCopy.ts";
import { type SwitchCopy, switchesIn } from "../cluster/switchCopy.ts";
import {
  CONFIGURATION_TYPES,
  holds,
  removeConfiguration,
  storeConfiguration,
  type WebhookConfiguration,
  type WebhookConfigurations,
} from "../cluster/webhookConfiguration.ts";
import type { InjectionRules } from "../core/injection/injection.ts";
import {
  ANNOUNCED_ANNOTATION,
  type Announcement,
  announcedSet,
  announcementsText,
  readAnnouncements,
} from "../core/injection/registration/announcements.ts";
import {
  type PodEntry,
  planRegistration,
  type RegistrationPlan,
} from "../core/injection/registration/planRegistration.ts";
import { registeredSelection } from "../core/injection/registration/registrationFinding.ts";
import { jsonEqual } from "../core/kube/jsonPatch.ts";
import type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";
import type { Registrations } from "./registrations.ts";
import { WorkQueue } from "./workQueue.ts";

export interface RegistrationKeeperOptions {
  readonly cluster: Cluster;
  readonly environment: Environment;
  /** Undefined stands for an object that cannot be read; it injects nothing. */
  readonly sidecarSets: LocalCopy<SidecarSet | undefined>;
  /** Absent: nothing can be stopped. */
  readonly switches?: SwitchCopy | undefined;
  readonly rules: InjectionRules;
  /** What is to be stored so that these pods come, with the authority of the moment. */
  readonly configurations: (entries: readonly PodEntry[]) => WebhookConfigurations;
  /** Is told what became of it. */
  readonly registrations: Registrations;
  readonly signal: AbortSignal;
}

const WORK = "registration";
/** SidecarSets that change in a burst share a write. */
const SPACING_MS = 100;
/** Who undoes what we write, again and again, has us answer twice a second. */
const HEAL_MS = 500;
/** And be told of it so often. */
const TELL_HEALED_MS = 60_000;
/** Somebody waits for us before a SidecarSet is stored, up to a second. */
const AT_ONCE_MS = 1;
/** From then on one that was announced, and has not been stored, sends no pods any more. */
const ANNOUNCED_FOR_MS = 10_000;

type Which = keyof WebhookConfigurations;

/**
 * Keeps the webhook configurations at what the SidecarSets need, also when somebody edits or deletes them. A SidecarSet counts as
 * registered only after the API server has stored it; one that is gone is left out by the write after. Only one instance may run.
 */
export class RegistrationKeeper {
  readonly #options: RegistrationKeeperOptions;
  readonly #queue: WorkQueue;
  #wanted: WebhookConfigurations | undefined;
  #told = "";
  #healed = { times: 0, toldAt: Number.NEGATIVE_INFINITY };
  #writtenAt = Number.NEGATIVE_INFINITY;
  /** SidecarSets that are about to be stored. */
  #announced: readonly Announcement[] = [];
  /** Match conditions that the API server did not take, and why. */
  #refused: ReadonlyMap<string, string> = new Map();

  constructor(options: RegistrationKeeperOptions) {
    const { clock, random } = options.environment;
    this.#options = options;
    this.#queue = new WorkQueue({
      clock,
      random,
      work: () => this.#register(),
      onFailure: (_key, error, retryInMs) => this.#failed(error, retryInMs),
    });
  }

  /** Waits for the copies, then works until the signal aborts. Settles when the registration is stored; rejects when it cannot be. */
  async start(): Promise<void> {
    const { sidecarSets, switches, signal } = this.#options;
    await Promise.all([sidecarSets.synced, switches?.synced]);
    if (signal.aborted) return;
    try {
      await this.#register();
    } catch (error) {
      this.#isFailed(error);
      throw error;
    }
    if (signal.aborted) return;
    const unsubscribe = [
      sidecarSets.subscribe((change) => {
        if (selectsElse(change)) this.refresh();
      }),
      switches?.subscribe(() => this.refresh()),
    ];
    signal.addEventListener(
      "abort",
      () => {
        for (const stop of unsubscribe) stop?.();
        this.#queue.stop();
      },
      { once: true },
    );
    this.#watch();
    this.refresh(); // for what has changed meanwhile
  }

  /** Something that the configurations depend on has changed. */
  refresh(): void {
    this.#queue.add(WORK, Math.max(5, this.#writtenAt + SPACING_MS - this.#options.environment.clock.now()));
  }

  #watch(): void {
    const { cluster, environment, signal, configurations } = this.#options;
    const none = configurations([]);
    for (const which of ["mutating", "validating"] as const) {
      const fieldSelector = `metadata.name=${none[which].metadata.name}`;
      const copy = startInformer<WebhookConfiguration, WebhookConfiguration>({
        cluster,
        environment,
        signal,
        type: CONFIGURATION_TYPES[which],
        transform: (object) => object,
        listOptions: { fieldSelector },
      });
      copy.subscribe((change) => this.#seen(which, change));
    }
  }

  #seen(which: Which, change: Change<WebhookConfiguration>): void {
    const stopped = switchesIn(this.#options.switches).registration !== undefined;
    const isGone = change.type === "deleted";
    if (which === "mutating")
      this.#hear(isGone ? undefined : change.object.metadata.annotations?.[ANNOUNCED_ANNOTATION]);
    const wanted = this.#wanted?.[which];
    const isRight = stopped ? isGone : !isGone && wanted !== undefined && holds(change.object, wanted);
    if (!isRight) this.#queue.add(WORK, HEAL_MS);
  }

  #hear(text: string | undefined): void {
    this.#announced = readAnnouncements(text);
    if (this.#announced.some(({ registeredUntil }) => registeredUntil === undefined)) this.#queue.add(WORK, AT_ONCE_MS);
  }

  /** Those for which pods have to come although no SidecarSet of the copy selects them yet. */
  #coming(all: readonly SidecarSet[]): readonly Announcement[] {
    const { rules, environment } = this.#options;
    const now = environment.clock.now();
    const known = new Map(all.map((set) => [set.name, registeredSelection(set, rules)]));
    return this.#announced
      .filter(({ registeredUntil = now + 1 }) => registeredUntil > now)
      .filter((announced) => {
        const set = announcedSet(announced);
        return set !== undefined && known.get(set.name) !== registeredSelection(set, rules);
      })
      .map((announced) => ({ registeredUntil: now + ANNOUNCED_FOR_MS, ...announced }));
  }

  async #register(): Promise<undefined> {
    const all = this.#all();
    const stop = switchesIn(this.#options.switches).registration;
    if (stop) {
      await this.#remove();
      this.#options.registrations.is({ kind: "stopped", stop }, all);
    } else {
      const plan = await this.#store(all);
      this.#options.registrations.is({ kind: "stored", plan, sidecarSets: all }, all);
    }
    return undefined;
  }

  #all(): readonly SidecarSet[] {
    return [...this.#options.sidecarSets.values()].filter((set) => set !== undefined);
  }

  /** The configurations that hold the SidecarSets' own admission come first: nothing is injected that could not be judged. */
  async #store(sidecarSets: readonly SidecarSet[]): Promise<RegistrationPlan> {
    const { cluster, configurations, environment } = this.#options;
    const before = this.#wanted;
    const validating = await storeConfiguration(cluster, CONFIGURATION_TYPES.validating, configurations([]).validating);
    const mutating = await this.#storeMutating(sidecarSets);
    // Without its match conditions the plan is wider, and says so.
    if (mutating === undefined) return this.#store(sidecarSets);
    if (mutating.written || validating.written) {
      this.#writtenAt = environment.clock.now();
      this.#tell(mutating.plan, before, mutating.wanted);
    }
    return mutating.plan;
  }

  /**
   * What is announced is read from what is overwritten: our copy may be older.
   * @returns undefined where the API server does not take a match condition of the plan
   */
  async #storeMutating(sidecarSets: readonly SidecarSet[]) {
    let planned = this.#planned(sidecarSets);
    const beside = (existing: WebhookConfiguration | undefined): WebhookConfiguration => {
      this.#announced = readAnnouncements(existing?.metadata.annotations?.[ANNOUNCED_ANNOTATION]);
      planned = this.#planned(sidecarSets);
      return planned.wanted.mutating;
    };
    const conditions = () => planned.plan.entries.flatMap(({ matchCondition }) => matchCondition ?? []);
    try {
      const type = CONFIGURATION_TYPES.mutating;
      const result = await storeConfiguration(this.#options.cluster, type, planned.wanted.mutating, beside);
      if (holds(result.stored, planned.wanted.mutating)) return { ...result, ...planned };
      if (conditions().length === 0) throw new Error("the API server has stored something else than what was written");
      this.#refuse(conditions(), "the API server does not know match conditions");
    } catch (error) {
      if (conditions().length === 0 || !isClusterError(error, "invalid", "badRequest", "notImplemented")) throw error;
      this.#refuse(conditions(), `the API server refuses the match condition: ${error.message}`);
    }
    return undefined;
  }

  #planned(sidecarSets: readonly SidecarSet[]) {
    const { configurations, rules } = this.#options;
    const coming = this.#coming(sidecarSets);
    const plan = planRegistration({
      ...rules,
      sidecarSets: [...sidecarSets, ...coming.flatMap((announced) => announcedSet(announced) ?? [])],
      refuses: (condition) => this.#refused.get(condition),
    });
    if (coming.length > 0) this.#queue.add(WORK, ANNOUNCED_FOR_MS);
    const wanted = withAnnouncements(configurations(plan.entries), coming);
    this.#wanted = wanted;
    return { plan, wanted };
  }

  #refuse(conditions: readonly string[], why: string): void {
    this.#options.environment.log("warn", "more pods than necessary are sent to the webhook", { error: why });
    this.#refused = new Map(conditions.map((condition) => [condition, why]));
  }

  async #remove(): Promise<void> {
    const { mutating, validating } = this.#options.configurations([]);
    const gone = [removeConfiguration(this.#options.cluster, CONFIGURATION_TYPES.mutating, mutating.metadata.name!)];
    gone.push(removeConfiguration(this.#options.cluster, CONFIGURATION_TYPES.validating, validating.metadata.name!));
    await Promise.all(gone);
    this.#wanted = undefined;
    this.#log("warn", "the registration is stopped: no pod gets sidecars, and SidecarSets are not judged", {});
  }

  #tell({ entries }: RegistrationPlan, before: WebhookConfigurations | undefined, wanted: WebhookConfigurations): void {
    const sent = entries.map(({ failurePolicy, matchCondition, ...selectors }) => ({
      failurePolicy,
      namespaces: selectors.namespaceSelector,
      pods: selectors.objectSelector,
      conditioned: matchCondition !== undefined,
    }));
    const widened = entries.flatMap((entry) => entry.widened.map(({ message }) => message));
    this.#told = "";
    const fields = { sent, ...(widened.length > 0 && { widened }) };
    if (before === undefined || !sameWebhooks(before, wanted)) this.#log("info", "registration written", fields);
    else if (sameConfigurations(before, wanted)) this.#tellHealed(fields);
  }

  #tellHealed(fields: Readonly<Record<string, unknown>>): void {
    const now = this.#options.environment.clock.now();
    const times = this.#healed.times + 1;
    this.#healed = { ...this.#healed, times };
    if (now - this.#healed.toldAt < TELL_HEALED_MS) return;
    this.#healed = { times: 0, toldAt: now };
    if (times === 1) this.#log("info", "registration written", { because: "somebody had changed it", ...fields });
    else this.#log("warn", "somebody changes the registration again and again", { times });
  }

  #failed(error: unknown, retryInMs: number): void {
    if (this.#options.signal.aborted) return;
    this.#options.environment.log("warn", "the registration cannot be written", { error: messageOf(error), retryInMs });
    this.#isFailed(error);
  }

  /** What a leader could not finish any more is no finding: the next one tells. */
  #isFailed(error: unknown): void {
    const { registrations, signal } = this.#options;
    if (!signal.aborted) registrations.is({ kind: "failed", error: messageOf(error) }, this.#all());
  }

  /** The same is not told twice in a row. */
  #log(level: "info" | "warn", message: string, fields: Readonly<Record<string, unknown>>): void {
    if (this.#told === message) return;
    this.#told = message;
    this.#options.environment.log(level, message, fields);
  }
}

/** Where none is left, the annotation goes. */
function withAnnouncements(wanted: WebhookConfigurations, coming: readonly Announcement[]): WebhookConfigurations {
  const annotations = { ...wanted.mutating.metadata.annotations, [ANNOUNCED_ANNOTATION]: announcementsText(coming) };
  const metadata = { ...wanted.mutating.metadata, annotations: annotations as Readonly<Record<string, string>> };
  return { ...wanted, mutating: { ...wanted.mutating, metadata } };
}

/** A status that was written, or a rollout, does not concern the registration. */
function selectsElse(change: Change<SidecarSet | undefined>): boolean {
  if (change.type !== "updated") return true;
  return change.old?.generation !== change.object?.generation || change.old?.uid !== change.object?.uid;
}

function sameWebhooks(left: WebhookConfigurations, right: WebhookConfigurations): boolean {
  return jsonEqual(
    [...(left.mutating.webhooks ?? []), ...(left.validating.webhooks ?? [])],
    [...(right.mutating.webhooks ?? []), ...(right.validating.webhooks ?? [])],
  );
}

function sameConfigurations(left: WebhookConfigurations, right: WebhookConfigurations): boolean {
  return holds(left.mutating, right.mutating) && holds(left.validating, right.validating);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
