import type { KubeObject } from "../core/kube/object.ts";
import {
  NOTHING_STOPPED,
  STOP_SWITCHES,
  type Stop,
  type StopSwitches,
  stopSwitches,
} from "../core/sidecarSet/stopSwitches.ts";
import type { Environment } from "./environment.ts";
import { type InformerOptions, startInformer } from "./informer.ts";
import type { LocalCopy } from "./localCopy.ts";
import { CONFIG_MAPS } from "./resource.ts";

/** Holds the one ConfigMap, or nothing. */
export type SwitchCopy = LocalCopy<StopSwitches>;

/** Watches the stop switches of the system namespace and logs when one of them moves. */
export function startSwitchCopy(
  systemNamespace: string,
  common: Pick<InformerOptions<KubeObject, StopSwitches>, "cluster" | "environment" | "signal" | "onHeard">,
): SwitchCopy {
  const copy = startInformer<KubeObject, StopSwitches>({
    ...common,
    type: CONFIG_MAPS,
    transform: stopSwitches,
    listOptions: { namespace: systemNamespace, fieldSelector: `metadata.name=${STOP_SWITCHES}` },
  });
  let before = NOTHING_STOPPED;
  copy.subscribe(() => {
    const now = switchesIn(copy);
    logChange(before, now, common.environment.log);
    before = now;
  });
  return copy;
}

/** @param copy absent: there are no switches, and nothing is stopped */
export function switchesIn(copy: SwitchCopy | undefined): StopSwitches {
  if (copy) for (const switches of copy.values()) return switches;
  return NOTHING_STOPPED;
}

function logChange(before: StopSwitches, now: StopSwitches, log: Environment["log"]): void {
  for (const problem of now.trouble) {
    if (!before.trouble.includes(problem)) log("warn", "a stop switch is not understood", { problem });
  }
  logSwitch("updating in place", before.updates, now.updates, log);
  logSwitch("injection", before.injection, now.injection, log);
  logSwitch("the registration of the webhook", before.registration, now.registration, log);
}

function logSwitch(what: string, before: Stop | undefined, now: Stop | undefined, log: Environment["log"]): void {
  if (before?.reason === now?.reason && (before === undefined) === (now === undefined)) return;
  if (now) log("warn", `${what} is stopped for the whole cluster`, { reason: now.reason });
  else log("info", `${what} goes on`);
}
