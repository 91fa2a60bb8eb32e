import type { JsonObject } from "../core/kube/object.ts";
import type { FieldError } from "../core/result.ts";
import { withHashes } from "../core/sidecarSet/hash.ts";
import { parseSidecarSet } from "../core/sidecarSet/parseSidecarSet.ts";
import type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";
import { validateSidecarSet } from "../core/sidecarSet/validateSidecarSet.ts";
import { compileGoPattern } from "../webhook/goPattern.ts";
import { CommandError, EXIT } from "./exitCode.ts";
import type { LiveCluster } from "./injection/liveCluster.ts";
import type { Manifest } from "./manifests.ts";

export interface ReadSidecarSet {
  readonly set: SidecarSet;
  /** The file. */
  readonly source: string;
}

/**
 * The SidecarSets of files as the cluster would store them: judged as admission does, next to each other and to those of the cluster if
 * one is given, and with the two hashes that it writes.
 */
export function readSidecarSets(manifests: readonly Manifest[], live: LiveCluster | undefined): ReadSidecarSet[] {
  const read = manifests.map((manifest) => ({ manifest, source: manifest.source, set: parsed(manifest) }));
  for (const [index, { set, source }] of read.entries()) {
    const twin = read.slice(0, index).find((other) => other.set.name === set.name);
    if (twin)
      throw new CommandError(`SidecarSet ${set.name} is given twice: in ${twin.source} and in ${source}`, EXIT.usage);
  }
  const names = new Set(read.map(({ set }) => set.name));
  const others = (live?.sidecarSets ?? []).map(({ set }) => set).filter(({ name }) => !names.has(name));
  const existing = [...read.map(({ set }) => set), ...others];
  for (const { manifest } of read) judge(manifest, existing, live);
  return read.map(({ set, source }) => ({ set: withHashes(set), source }));
}

function parsed(manifest: Manifest): SidecarSet {
  const set = parseSidecarSet(manifest.object);
  if (!set.ok) throw invalid(manifest, set.error);
  return set.value;
}

/** What comes out of a cluster (it has a uid) is stored already, whatever is asked of new ones. The white list is not known here. */
function judge(manifest: Manifest, existing: readonly SidecarSet[], live: LiveCluster | undefined): void {
  const sidecarSet = manifest.object as unknown as JsonObject;
  const stored = live?.sidecarSets.find(({ set }) => set.name === manifest.object.metadata.name)?.object;
  const errors = validateSidecarSet({
    sidecarSet,
    old: manifest.object.metadata.uid === undefined ? stored : sidecarSet,
    existing,
    revisions: live?.revisions ?? [],
    offline: live === undefined,
    metadataRules: { allowedByDefault: true },
    compilePattern: compileGoPattern,
  });
  if (errors.length > 0) throw invalid(manifest, errors);
}

function invalid({ object, source }: Manifest, errors: readonly FieldError[]): CommandError {
  return new CommandError(
    `${source}: SidecarSet ${object.metadata.name ?? "without a name"} is invalid:\n${listed(errors)}`,
  );
}

/** One line per field. */
export function listed(errors: readonly FieldError[]): string {
  return errors.map(({ field, detail }) => `  ${field}: ${detail}`).join("\n");
}
