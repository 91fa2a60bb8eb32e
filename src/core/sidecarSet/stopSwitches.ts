import { isJsonObject, type Json, type KubeObject } from "../kube/object.ts";

/** Name of the ConfigMap in the system namespace that can stop what we do to pods. */
export const STOP_SWITCHES = "sidecarset-switches";

/** What is stopped for the whole cluster, whatever the SidecarSets say. */
export interface StopSwitches {
  /** Undefined: pods are updated in place. */
  readonly updates: Stop | undefined;
  /** Undefined: new pods are injected. */
  readonly injection: Stop | undefined;
  /** Undefined: the API server is told where the webhook is. */
  readonly registration: Stop | undefined;
  /** What in the ConfigMap is not understood. */
  readonly trouble: readonly string[];
}

export interface Stop {
  /** For people; empty when none is given. */
  readonly reason: string;
  /** Milliseconds since the epoch; undefined when the ConfigMap does not tell. */
  readonly since: number | undefined;
}

export const NOTHING_STOPPED: StopSwitches = {
  updates: undefined,
  injection: undefined,
  registration: undefined,
  trouble: [],
};

/** A switch fails safe: whatever stands there and is not `running` stops. Only a switch that is left out is off. */
export function stopSwitches(configMap: KubeObject): StopSwitches {
  const { data } = configMap as KubeObject & { readonly data?: Json };
  const texts = new Map(isJsonObject(data) ? Object.entries(data) : []);
  const unknown = [...texts.keys()].filter((key) => !KEYS.includes(key));
  const since = timeOf(texts.get("since"));
  const stopOf = (key: SwitchName): Stop | undefined => {
    const text = texts.get(key);
    if (text === undefined || text === "running") return undefined;
    const reason = [texts.get("reason") ?? "", ...unclear(key, text)].filter((part) => part !== "").join("; ");
    return { reason, since };
  };
  return {
    updates: stopOf("updates"),
    injection: stopOf("injection"),
    registration: stopOf("registration"),
    trouble: [
      ...SWITCHES.flatMap((key) => (texts.has(key) ? unclear(key, texts.get(key)) : [])),
      ...unknown.map((key) => `"${key}" is no switch; there are ${KEYS.join(", ")}`),
    ],
  };
}

/** `stopped (upgrade of the registry, since 2026-06-10T08:00:00Z)` */
export function stopText({ reason, since }: Stop): string {
  const when = since === undefined ? [] : [`since ${new Date(since).toISOString().replace(".000Z", "Z")}`];
  const told = [...(reason === "" ? [] : [reason]), ...when];
  return told.length === 0 ? "stopped" : `stopped (${told.join(", ")})`;
}

export const SWITCHES = ["updates", "injection", "registration"] as const;
export type SwitchName = (typeof SWITCHES)[number];
const KEYS: readonly string[] = [...SWITCHES, "reason", "since"];

function unclear(key: string, text: Json | undefined): readonly string[] {
  if (text === "stopped" || text === "running") return [];
  return [`${key}: "${String(text)}" is neither "stopped" nor "running" and counts as stopped`];
}

function timeOf(text: Json | undefined): number | undefined {
  const time = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
