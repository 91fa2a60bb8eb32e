import { isJsonList, isJsonObject, type Json, type JsonObject } from "../../kube/object.ts";
import { parseSidecarSet } from "../../sidecarSet/parseSidecarSet.ts";
import type { SidecarSet } from "../../sidecarSet/sidecarSet.ts";

/**
 * Annotation on our webhook configuration: SidecarSets that have been judged and are about to be stored, as a JSON list. Whoever keeps the
 * registration lets their pods come before anybody can create one, so that a SidecarSet and its pods may be in one file.
 */
export const ANNOUNCED_ANNOTATION = "sidecarset.kruise.io/announced";

export interface Announcement {
  readonly name: string;
  /** What says which pods it selects: the manifest without its template. */
  readonly manifest: JsonObject;
  /** By the clock of who keeps the registration, ms since the epoch: their pods come, and at least until then. Absent: not yet. */
  readonly registeredUntil?: number;
}

/** More are not kept: who is pushed out is registered as soon as it is stored, as everybody was who is not announced. */
const AT_MOST = 50;
/** Selectors beyond this are not announced: an object has room for 256 KiB of annotations. */
const LONGEST = 4096;

/** @returns undefined where the selection is too long to be announced */
export function announcementOf(manifest: JsonObject): Announcement | undefined {
  const { apiVersion, kind, metadata, spec } = manifest;
  if (!isJsonObject(metadata) || !isJsonObject(spec) || typeof metadata.name !== "string") return undefined;
  const { selector, namespace, namespaceSelector, injectionStrategy } = spec;
  const selection = without({ selector, namespace, namespaceSelector, injectionStrategy });
  const brief = without({ apiVersion, kind, metadata: { name: metadata.name }, spec: selection });
  if (JSON.stringify(brief).length > LONGEST) return undefined;
  return { name: metadata.name, manifest: brief };
}

/** What cannot be read announces nothing: anybody may write an annotation. */
export function readAnnouncements(text: string | undefined): readonly Announcement[] {
  const list = text === undefined ? [] : parsed(text);
  return isJsonList(list) ? list.filter(isAnnouncement) : [];
}

/** The annotation's value. @returns undefined: none */
export function announcementsText(announcements: readonly Announcement[]): string | undefined {
  return announcements.length === 0 ? undefined : JSON.stringify(announcements.slice(-AT_MOST));
}

/** The newest word about a SidecarSet counts. */
export function withAnnouncement(announcements: readonly Announcement[], added: Announcement): readonly Announcement[] {
  return [...announcements.filter(({ name }) => name !== added.name), added];
}

export function announcedSet({ manifest }: Announcement): SidecarSet | undefined {
  const set = parseSidecarSet(manifest);
  return set.ok ? set.value : undefined;
}

export function isSameAnnouncement(one: Announcement, other: Announcement): boolean {
  return one.name === other.name && JSON.stringify(one.manifest) === JSON.stringify(other.manifest);
}

function isAnnouncement(value: Json): value is Json & Announcement {
  if (!isJsonObject(value)) return false;
  const { name, manifest, registeredUntil } = value;
  const isTime = registeredUntil === undefined || typeof registeredUntil === "number";
  return typeof name === "string" && isJsonObject(manifest) && isTime;
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function without(fields: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as JsonObject;
}
