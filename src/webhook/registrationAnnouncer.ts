import type { Cluster } from "../cluster/cluster.ts";
import { isClusterError } from "../cluster/clusterError.ts";
import { type Environment, sleep } from "../cluster/environment.ts";
import { startInformer } from "../cluster/informer.ts";
import type { LocalCopy } from "../cluster/localCopy.ts";
import { MUTATING_WEBHOOKS } from "../cluster/resource.ts";
import type { WebhookConfiguration } from "../cluster/webhookConfiguration.ts";
import type { InjectionRules } from "../core/injection/injection.ts";
import {
  ANNOUNCED_ANNOTATION,
  type Announcement,
  announcementOf,
  announcementsText,
  isSameAnnouncement,
  readAnnouncements,
  withAnnouncement,
} from "../core/injection/registration/announcements.ts";
import { podScope } from "../core/injection/registration/podScope.ts";
import { registeredSelection } from "../core/injection/registration/registrationFinding.ts";
import { jsonEqual } from "../core/kube/jsonPatch.ts";
import type { JsonObject } from "../core/kube/object.ts";
import { parseSidecarSet } from "../core/sidecarSet/parseSidecarSet.ts";
import { CONFIGURATION_NAMES } from "./registration.ts";

export interface AnnouncerOptions {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly rules: InjectionRules;
  readonly signal: AbortSignal;
}

/**
 * Has the pods of a SidecarSet registered before it is stored.
 * @returns what to warn of: undefined when the API server sends its pods, or need not
 */
export type Announce = (manifest: JsonObject, old: JsonObject | undefined) => Promise<string | undefined>;

/** The API server waits for us for 5 s; who creates a SidecarSet should not feel it. */
const PATIENCE_MS = 1_000;
/** What an API server takes, at most a moment, to go by a configuration that it has stored. */
const TAKES_EFFECT_MS = 100;
/** Somebody may have overwritten our word. */
const LOOK_AGAIN_MS = 100;

const NOT_YET =
  "pods that are created within the next moments may get no sidecars: the registration of the webhook does not cover this SidecarSet yet; wait for its condition Registered";

/** What a webhook on any replica tells the one who keeps the registration, by way of the configuration itself. */
export function registrationAnnouncer({ cluster, environment, rules, signal }: AnnouncerOptions): Announce {
  const { clock } = environment;
  const name = CONFIGURATION_NAMES.mutating;
  const copy = startInformer<WebhookConfiguration, WebhookConfiguration>({
    cluster,
    environment,
    signal,
    type: MUTATING_WEBHOOKS,
    transform: (object) => object,
    listOptions: { fieldSelector: `metadata.name=${name}` },
  });

  /** Our copy may not show yet what has just been stored for the first time. */
  async function present(): Promise<WebhookConfiguration | undefined> {
    const known = copy.get({ name });
    if (known) return known;
    return cluster.get<WebhookConfiguration>(MUTATING_WEBHOOKS, { name }).catch((error: unknown) => {
      if (isClusterError(error, "notFound")) return undefined;
      throw error;
    });
  }

  async function until(announcement: Announcement, deadline: number): Promise<boolean> {
    while (clock.now() < deadline) {
      const configuration = await present();
      if (configuration === undefined) return true; // nobody registers anything: stopped, or not begun
      const known = announcements(configuration).find((one) => isSameAnnouncement(one, announcement));
      if (known?.registeredUntil !== undefined) return true;
      const changed = nextChange(copy, environment, LOOK_AGAIN_MS);
      if (!known) await write(configuration, announcement);
      await changed;
    }
    return false;
  }

  async function write(configuration: WebhookConfiguration, announcement: Announcement): Promise<void> {
    const text = announcementsText(withAnnouncement(announcements(configuration), announcement));
    const annotations = { ...configuration.metadata.annotations, [ANNOUNCED_ANNOTATION]: text! };
    const metadata = { ...configuration.metadata, annotations };
    try {
      await cluster.update(MUTATING_WEBHOOKS, { ...configuration, metadata });
    } catch (error) {
      if (!isClusterError(error, "conflict", "notFound")) throw error;
    }
  }

  return async (manifest, old) => {
    const selection = selectionOf(manifest, rules);
    if (selection === undefined || selection === (old && selectionOf(old, rules))) return undefined;
    const announcement = announcementOf(manifest);
    if (announcement === undefined) return undefined;
    try {
      const before = (await present())?.webhooks;
      if (!(await until(announcement, clock.now() + PATIENCE_MS))) return NOT_YET;
      if (!jsonEqual(before ?? [], (await present())?.webhooks ?? [])) await sleep(clock, TAKES_EFFECT_MS, signal);
      return undefined;
    } catch (error) {
      environment.log("warn", "a SidecarSet cannot be announced", {
        sidecarset: announcement.name,
        error: String(error),
      });
      return NOT_YET;
    }
  };
}

function announcements({ metadata }: WebhookConfiguration): readonly Announcement[] {
  return readAnnouncements(metadata.annotations?.[ANNOUNCED_ANNOTATION]);
}

/** @returns undefined when no pod has to come because of it */
function selectionOf(manifest: JsonObject, rules: InjectionRules): string | undefined {
  const set = parseSidecarSet(manifest);
  if (!set.ok || "reason" in podScope(set.value, rules.excludedNamespaces ?? [])) return undefined;
  return registeredSelection(set.value, rules);
}

function nextChange(copy: LocalCopy<unknown>, { clock }: Environment, atMostMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      unsubscribe();
      cancel();
      resolve();
    };
    const unsubscribe = copy.subscribe(done);
    const cancel = clock.after(atMostMs, done);
  });
}
