import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import { SIDECAR_SETS } from "../../cluster/resource.ts";
import { applyMergePatch } from "../../core/kube/mergePatch.ts";
import type { JsonObject, KubeObject } from "../../core/kube/object.ts";
import { gitOpsOwner } from "../../core/sidecarSet/gitOpsOwner.ts";
import { CommandError, EXIT } from "../exitCode.ts";
import { commandFor } from "../programName.ts";
import { changeLines } from "../simulation/playText.ts";
import { setChanges } from "../simulation/setChanges.ts";
import { canAsk, confirm } from "../terminal/confirm.ts";
import { styleFor, symbolsFor } from "../terminal/style.ts";
import { type ClusterOptions, withCluster } from "../withCluster.ts";
import { printData, printResult, type ResultFormat } from "./printObject.ts";
import { asStored, type StoredSet, storedSet } from "./storedSet.ts";

/** The flags of every verb that writes. */
export interface WriteOptions extends ClusterOptions {
  readonly dryRun: "server" | "none";
  readonly printPatch?: boolean;
  readonly yes?: boolean;
  readonly output: ResultFormat;
}

/** A change of one SidecarSet that a verb proposes. */
export interface SetChangeProposal {
  /** Merge patch of its spec. */
  readonly spec: JsonObject;
  /** What becomes of it: `is paused`, and in a dry run `would be paused`. */
  readonly done: string;
  readonly wouldBe: string;
  /** How many pods, how fast, what else is to be known; a line each. */
  readonly effects: readonly string[];
  readonly warnings?: readonly string[];
  /** Pods follow, so that a person is asked first. */
  readonly asks: boolean;
  /** Words of the command that takes it back, and what that does. */
  readonly takeBack: readonly string[];
}

/** Nothing to do, and why. */
export interface NoChange {
  readonly nothing: string;
}

/** What a proposal is made from. */
export interface Present extends StoredSet {
  readonly cluster: Cluster;
}

/**
 * What every verb that changes a SidecarSet does: reads it, warns, says the effect, asks a person, writes unless somebody else has
 * meanwhile, and tells how to take it back.
 */
export async function changeSidecarSet(
  name: string,
  options: WriteOptions,
  propose: (present: Present) => SetChangeProposal | NoChange | Promise<SetChangeProposal | NoChange>,
): Promise<void> {
  await withCluster(options, async (cluster) => {
    const stored = await storedSet(cluster, name);
    const proposal = await propose({ ...stored, cluster });
    if ("nothing" in proposal) {
      await printResult(options.output, stored.object, [`sidecarset/${name} ${proposal.nothing}; nothing is written`]);
      return;
    }
    const patch = { metadata: { resourceVersion: stored.set.resourceVersion }, spec: proposal.spec };
    for (const warning of [...(proposal.warnings ?? []), ...ownerWarnings(stored)]) {
      process.stderr.write(`warning: ${warning}\n`);
    }
    if (options.printPatch) {
      await printData(options.output === "yaml" ? "yaml" : "json", patch);
      return;
    }
    const effects = effectLines(stored, patch, proposal);
    const asked = proposal.asks && !options.yes && options.dryRun === "none" && canAsk();
    if (asked) await ask(name, effects);
    const written = await write(cluster, name, patch, options.dryRun === "server");
    const lines = told({ name, proposal, effects: asked ? [] : effects, options });
    await printResult(options.output, written, lines);
  });
}

function ownerWarnings({ object, set }: StoredSet): readonly string[] {
  const owner = gitOpsOwner(object);
  if (!owner) return [];
  return [`${set.name} is managed by ${owner.who}: ${owner.fate}; --print-patch prints it for where it is kept`];
}

/** Field by field what changes, then what follows. */
function effectLines({ object, set }: StoredSet, patch: JsonObject, { effects }: SetChangeProposal): readonly string[] {
  const after = asStored(applyMergePatch(object as unknown as JsonObject, patch) as unknown as KubeObject);
  const look = { style: styleFor(process.stdout), symbols: symbolsFor({}) };
  return [...changeLines(setChanges(set, after.set, after.spec), look), ...effects].map((line) => `  ${line}`);
}

async function ask(name: string, effects: readonly string[]): Promise<void> {
  process.stderr.write([`sidecarset/${name}`, ...effects].map((line) => `${line}\n`).join(""));
  if (!(await confirm("Continue?"))) throw new CommandError("nothing is written", EXIT.unexpected);
}

async function write(cluster: Cluster, name: string, patch: JsonObject, dryRun: boolean): Promise<KubeObject> {
  try {
    return await cluster.patch(
      SIDECAR_SETS,
      { name },
      { type: "merge", patch },
      { dryRun, fieldManager: "sidecarset" },
    );
  } catch (error) {
    if (!isClusterError(error, "conflict")) throw error;
    throw new CommandError(`SidecarSet "${name}" was changed by somebody else meanwhile; look at it and try again`);
  }
}

interface Told {
  readonly name: string;
  readonly proposal: SetChangeProposal;
  readonly effects: readonly string[];
  readonly options: WriteOptions;
}

function told({ name, proposal, effects, options }: Told): readonly string[] {
  if (options.dryRun === "server") return [`sidecarset/${name} ${proposal.wouldBe} (server dry run)`, ...effects];
  return [
    `sidecarset/${name} ${proposal.done}`,
    ...effects,
    `  take it back: ${commandFor(proposal.takeBack, options)}`,
  ];
}
