import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import { CONFIG_MAPS, SIDECAR_SETS } from "../../cluster/resource.ts";
import { applyMergePatch } from "../../core/kube/mergePatch.ts";
import type { JsonObject, KubeObject } from "../../core/kube/object.ts";
import { parseSidecarSet } from "../../core/sidecarSet/parseSidecarSet.ts";
import { NOTHING_STOPPED, STOP_SWITCHES, type StopSwitches, stopSwitches } from "../../core/sidecarSet/stopSwitches.ts";
import { CommandError, EXIT } from "../exitCode.ts";
import { dnsLabel } from "../preflight.ts";
import { commandFor } from "../programName.ts";
import { canAsk, confirm } from "../terminal/confirm.ts";
import { withCluster } from "../withCluster.ts";
import type { WriteOptions } from "./changeSidecarSet.ts";
import { systemNamespaceFlag } from "./ownRevisions.ts";
import { printData, printResult } from "./printObject.ts";
import { reachOf } from "./reach.ts";
import type { SwitchReach } from "./switchWords.ts";

export interface SwitchOptions extends WriteOptions {
  readonly systemNamespace: string;
}

/** What a verb does to the switches of the whole cluster. */
export interface SwitchProposal {
  /** Merge patch of the ConfigMap; undefined: it is so already. */
  readonly patch: JsonObject | undefined;
  /** Said of it, done or already so. */
  readonly state: string;
  readonly effects: readonly string[];
  readonly asks: boolean;
  readonly takeBack: readonly string[];
}

/** Reads the switches, says what the change reaches, asks, and writes the ConfigMap, which need not be there yet. */
export async function changeSwitches(
  options: SwitchOptions,
  propose: (present: StopSwitches, reach: SwitchReach) => SwitchProposal,
): Promise<void> {
  const namespace = dnsLabel("--system-namespace", options.systemNamespace);
  await withCluster(options, async (cluster) => {
    const stored = await storedSwitches(cluster, namespace);
    const present = stored ? stopSwitches(stored) : NOTHING_STOPPED;
    const { patch, state, effects, asks, takeBack } = propose(present, await reachOfAll(cluster));
    if (!patch) {
      await printResult(options.output, stored ?? emptySwitches(namespace), [`${state} already; nothing is written`]);
      return;
    }
    if (options.printPatch) {
      await printData(options.output === "yaml" ? "yaml" : "json", patch);
      return;
    }
    if (asks && !options.yes && options.dryRun === "none" && canAsk()) {
      process.stderr.write([`${state}:`, ...effects.map((line) => `  ${line}`)].map((line) => `${line}\n`).join(""));
      if (!(await confirm("Continue?"))) throw new CommandError("nothing is written", EXIT.unexpected);
    }
    const dryRun = options.dryRun === "server";
    const written = await write(cluster, stored, { namespace, patch, dryRun });
    const back = dryRun
      ? []
      : [`  take it back: ${commandFor([...takeBack, ...systemNamespaceFlag(namespace)], options)}`];
    const head = dryRun ? `${state} (server dry run)` : state;
    await printResult(options.output, written, [head, ...effects.map((line) => `  ${line}`), ...back]);
  });
}

async function storedSwitches(cluster: Cluster, namespace: string): Promise<KubeObject | undefined> {
  try {
    return await cluster.get(CONFIG_MAPS, { namespace, name: STOP_SWITCHES });
  } catch (error) {
    if (isClusterError(error, "notFound")) return undefined;
    throw error;
  }
}

function emptySwitches(namespace: string): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace, name: STOP_SWITCHES } };
}

async function write(
  cluster: Cluster,
  stored: KubeObject | undefined,
  { namespace, patch, dryRun }: { readonly namespace: string; readonly patch: JsonObject; readonly dryRun: boolean },
): Promise<KubeObject> {
  const how = { dryRun, fieldManager: "sidecarset" };
  if (stored) return cluster.patch(CONFIG_MAPS, { namespace, name: STOP_SWITCHES }, { type: "merge", patch }, how);
  const created = applyMergePatch(emptySwitches(namespace) as unknown as JsonObject, patch) as unknown as KubeObject;
  try {
    return await cluster.create(CONFIG_MAPS, created, how);
  } catch (error) {
    if (!isClusterError(error, "notFound")) throw error;
    throw new CommandError(`the cluster has no namespace ${namespace}; is --system-namespace right?`);
  }
}

async function reachOfAll(cluster: Cluster): Promise<SwitchReach> {
  const { items } = await cluster.list(SIDECAR_SETS);
  const sets = items.flatMap((object) => {
    const set = parseSidecarSet(object);
    return set.ok ? [reachOf(set.value)] : [];
  });
  const sum = (count: (reach: ReturnType<typeof reachOf>) => number) => sets.reduce((all, one) => all + count(one), 0);
  return {
    sidecarSets: items.length,
    pods: sum(({ pods }) => pods),
    open: sum(({ pods, updated }) => pods - updated),
  };
}
