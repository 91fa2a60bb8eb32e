import type { JsonObject } from "../core/kube/object.ts";
import type { FieldError } from "../core/result.ts";
import { withHashes } from "../core/sidecarSet/hash.ts";
import { parseSidecarSet } from "../core/sidecarSet/parseSidecarSet.ts";
import type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";
import { validateSidecarSet } from "../core/sidecarSet/validateSidecarSet.ts";
import { compileGoPattern } from "../webhook/goPattern.ts";
import { CommandError, EXIT } from "./exitCode.ts";
import type { LiveCluster } from "./injection/liveCluster.ts";
import { type Manifest, placed } from "./manifests.ts";

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
  const read = manifests.map((manifest) => ({ manifest, parsed: parseSidecarSet(manifest.object) }));
  refuseInvalid(read.map(({ manifest, parsed }) => ({ manifest, errors: parsed.ok ? [] : parsed.error })));
  const sets = read.flatMap(({ manifest, parsed }) => (parsed.ok ? [{ manifest, set: parsed.value }] : []));
  for (const [index, { set, manifest }] of sets.entries()) {
    const twin = sets.slice(0, index).find((other) => other.set.name === set.name)?.manifest;
    if (!twin) continue;
    const message = `SidecarSet ${set.name} is given twice: in ${twin.source} and in ${manifest.source}`;
    throw new CommandError(message, EXIT.usage);
  }
  const existing = sets.map(({ set }) => set);
  const others = (live?.sidecarSets ?? []).filter((each) => !existing.some(({ name }) => name === each.set.name));
  const all = [...existing, ...others.map(({ set }) => set)];
  refuseInvalid(manifests.map((manifest) => ({ manifest, errors: judge(manifest, all, live) })));
  return sets.map(({ manifest, set }) => ({ set: withHashes(set), source: manifest.source }));
}

/** What comes out of a cluster (it has a uid) is stored already, whatever is asked of new ones. The white list is not known here. */
function judge(
  { object }: Manifest,
  existing: readonly SidecarSet[],
  live: LiveCluster | undefined,
): readonly FieldError[] {
  const sidecarSet = object as unknown as JsonObject;
  const stored = live?.sidecarSets.find(({ set }) => set.name === object.metadata.name)?.object;
  return validateSidecarSet({
    sidecarSet,
    old: object.metadata.uid === undefined ? stored : sidecarSet,
    existing,
    revisions: live?.revisions ?? [],
    offline: live === undefined,
    metadataRules: { allowedByDefault: true },
    compilePattern: compileGoPattern,
  });
}

/** All of them at once. */
function refuseInvalid(
  judged: readonly { readonly manifest: Manifest; readonly errors: readonly FieldError[] }[],
): void {
  const invalid = judged.filter(({ errors }) => errors.length > 0);
  if (invalid.length === 0) return;
  const texts = invalid.map(({ manifest, errors }) => {
    const name = manifest.object.metadata.name ?? "without a name";
    return `${placed({ source: manifest.source, position: manifest.position("") })}: SidecarSet ${name} is invalid:\n${listed(errors)}`;
  });
  throw new CommandError(texts.join("\n"));
}

/** One line per field. */
export function listed(errors: readonly FieldError[]): string {
  return errors.map(({ field, detail }) => `  ${field}: ${detail}`).join("\n");
}
