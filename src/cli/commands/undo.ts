import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import { CONTROLLER_REVISIONS, SIDECAR_SETS } from "../../cluster/resource.ts";
import { type ControllerRevision, isJsonObject, type JsonObject, type KubeObject } from "../../core/kube/object.ts";
import { parseSidecarSet } from "../../core/sidecarSet/parseSidecarSet.ts";
import { byAge, ownRevisions } from "../../core/sidecarSet/pinnedRevision.ts";
import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";
import { undoPatch } from "../../core/sidecarSet/undoPatch.ts";
import { CommandError, EXIT } from "../exitCode.ts";
import { dnsLabel } from "../preflight.ts";
import { changeLines } from "../simulation/playText.ts";
import { setChanges } from "../simulation/setChanges.ts";
import { styleFor, symbolsFor } from "../terminal/style.ts";
import { type ClusterOptions, withCluster } from "../withCluster.ts";

interface UndoOptions extends ClusterOptions {
  readonly toRevision?: string;
  readonly systemNamespace: string;
  readonly dryRun: "server" | "none";
  readonly printPatch?: boolean;
}

/** Gives a SidecarSet the template of an earlier revision again; strategies stay as they are. */
export async function undo(name: string, options: UndoOptions): Promise<void> {
  const systemNamespace = dnsLabel("--system-namespace", options.systemNamespace);
  await withCluster(options, async (cluster) => {
    const stored = await storedSet(cluster, name);
    const revisions = await revisionsOf(cluster, stored.set, systemNamespace);
    const target = chosen(stored, revisions, options.toRevision);
    if (target.patch === undefined) {
      console.log(
        `sidecarset/${name} has the template of revision ${target.revision.revision} already; nothing is written`,
      );
      return;
    }
    const patch = { metadata: { resourceVersion: stored.set.resourceVersion }, spec: target.patch };
    if (options.printPatch) {
      process.stdout.write(`${JSON.stringify(patch, null, 2)}\n`);
      return;
    }
    const dryRun = options.dryRun === "server";
    const written = await cluster.patch<KubeObject>(
      SIDECAR_SETS,
      { name },
      { type: "merge", patch },
      { dryRun, fieldManager: "sidecarset" },
    );
    process.stdout.write(told({ name, before: stored.set, written, target: target.revision, revisions, dryRun }));
  });
}

interface StoredSet {
  readonly set: SidecarSet;
  readonly spec: JsonObject;
}

async function storedSet(cluster: Cluster, name: string): Promise<StoredSet> {
  const object = await cluster
    .get<KubeObject & { readonly spec?: unknown }>(SIDECAR_SETS, { name })
    .catch((error: unknown) => {
      if (isClusterError(error, "notFound")) throw new CommandError(`there is no SidecarSet "${name}"`);
      throw error;
    });
  return { set: parsed(object), spec: isJsonObject(object.spec) ? object.spec : {} };
}

function parsed(object: KubeObject): SidecarSet {
  const set = parseSidecarSet(object);
  if (set.ok) return set.value;
  const problems = set.error.map(({ field, detail }) => `${field}: ${detail}`).join("; ");
  throw new CommandError(`SidecarSet "${object.metadata.name}" cannot be read: ${problems}`);
}

async function revisionsOf(
  cluster: Cluster,
  set: SidecarSet,
  namespace: string,
): Promise<readonly ControllerRevision[]> {
  const { items } = await cluster.list<ControllerRevision>(CONTROLLER_REVISIONS, { namespace });
  const own = ownRevisions(set, items).sort(byAge);
  if (own.length > 0) return own;
  throw new CommandError(
    `there is no revision of SidecarSet "${set.name}" in namespace ${namespace}; is --system-namespace right?`,
  );
}

interface Target {
  readonly revision: ControllerRevision;
  /** Undefined: the set has that template. */
  readonly patch: JsonObject | undefined;
}

/** The revision asked for by number or name; else the newest one with another template than the present. */
function chosen(
  { set, spec }: StoredSet,
  revisions: readonly ControllerRevision[],
  wanted: string | undefined,
): Target {
  const target = (revision: ControllerRevision): Target => {
    const patch = undoPatch(set, spec, revision);
    if (patch.ok) return { revision, patch: patch.value };
    throw new CommandError(
      `revision ${revision.revision} (${revision.metadata.name}) cannot be restored: ${patch.error}`,
    );
  };
  if (wanted !== undefined) {
    const found = revisions.find(({ revision, metadata }) => String(revision) === wanted || metadata.name === wanted);
    if (found) return target(found);
    const there = revisions.map(({ revision, metadata }) => `${revision} (${metadata.name})`).join(", ");
    throw new CommandError(`--to-revision "${wanted}": there is no such revision; there are: ${there}`, EXIT.usage);
  }
  for (const revision of revisions.toReversed()) {
    const candidate = target(revision);
    if (candidate.patch !== undefined) return candidate;
  }
  throw new CommandError(`SidecarSet "${set.name}" has no earlier revision to go back to`);
}

interface Undone {
  readonly name: string;
  readonly before: SidecarSet;
  readonly written: KubeObject;
  readonly target: ControllerRevision;
  readonly revisions: readonly ControllerRevision[];
  readonly dryRun: boolean;
}

function told({ name, before, written, target, revisions, dryRun }: Undone): string {
  const after = parsed(written);
  const look = { style: styleFor(process.stdout), symbols: symbolsFor({}) };
  const changes = changeLines(setChanges(before, after, (written as { readonly spec?: object }).spec ?? {}), look);
  const { matchedPods = 0, latestRevision } = before.status;
  const latest = revisions.find(({ metadata }) => metadata.name === latestRevision) ?? revisions.at(-1)!;
  const lines = [
    `sidecarset/${name} ${dryRun ? "would go" : "goes"} back to revision ${target.revision} (${target.metadata.name})${dryRun ? " (server dry run)" : ""}`,
    ...changes.map((line) => `  ${line}`),
    `  ${matchedPods} ${matchedPods === 1 ? "pod carries" : "pods carry"} it; they follow as its updateStrategy says${after.spec.updateStrategy.paused ? ", which is paused" : ""}`,
    ...(dryRun ? [] : [`  take it back: sidecarset undo ${name} --to-revision ${latest.metadata.name}`]),
  ];
  return lines.map((line) => `${line}\n`).join("");
}
