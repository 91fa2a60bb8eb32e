import type { Json, JsonObject } from "../kube/object.ts";
import { type StopSwitches, SWITCHES, type SwitchName } from "./stopSwitches.ts";

/**
 * The merge patch of the switches' ConfigMap that stops something for the whole cluster.
 * @param present as it is stored
 * @param time RFC 3339
 * @returns undefined when all of it is stopped already, for the reason given
 */
export function stopPatch(
  present: StopSwitches,
  names: readonly SwitchName[],
  { reason, time }: { readonly reason: string; readonly time: string },
): JsonObject | undefined {
  const isStopped = names.every((name) => present[name] !== undefined && (!reason || present[name].reason === reason));
  if (isStopped) return undefined;
  const stopped = Object.fromEntries(names.map((name): [string, Json] => [name, "stopped"]));
  return { data: { ...stopped, ...(reason !== "" && { reason }), since: time } };
}

/**
 * The merge patch that lets it go on. Reason and time go with the last switch, for they are about all of them.
 * @returns undefined when none of it is stopped
 */
export function startPatch(present: StopSwitches, names: readonly SwitchName[]): JsonObject | undefined {
  const stopped = SWITCHES.filter((name) => present[name] !== undefined);
  const started = stopped.filter((name) => names.includes(name));
  if (started.length === 0) return undefined;
  const running = Object.fromEntries(started.map((name): [string, Json] => [name, "running"]));
  const isLast = started.length === stopped.length;
  return { data: { ...running, ...(isLast && { reason: null, since: null }) } };
}
