import { CommandError, EXIT } from "../exitCode.ts";
import type { LiveCluster } from "../injection/liveCluster.ts";
import type { ManifestSources } from "../manifestFiles.ts";
import { asManifest, type LocatedObject, type Manifest, placed, readObjects } from "../manifests.ts";
import { type ReadSidecarSet, readSidecarSets } from "../readSidecarSets.ts";
import { isSidecarSet } from "../validationReport.ts";

/** @throws CommandError when anything in the files cannot be read */
export async function readWholeFiles(sources: ManifestSources): Promise<readonly LocatedObject[]> {
  const { objects, problems } = await readObjects(sources);
  const errors = problems.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return objects;
  throw new CommandError(errors.map((problem) => `${placed(problem)}: ${problem.message}`).join("\n"));
}

/**
 * The SidecarSet among the files that is meant, judged as admission does.
 * @param flags the one that names the files, and what is known of a cluster
 */
export function chosenSet(
  objects: readonly LocatedObject[],
  name: string | undefined,
  { flag, live }: { readonly flag: string; readonly live?: LiveCluster | undefined },
): ReadSidecarSet & { readonly manifest: Manifest } {
  const manifests = objects.filter(isSidecarSet).map(asManifest);
  const read = readSidecarSets(manifests, live).map((each, at) => ({ ...each, manifest: manifests[at]! }));
  const named = name === undefined ? read : read.filter(({ set }) => set.name === name);
  const [only] = named;
  if (only && named.length === 1) return only;
  const names = read.map(({ set }) => set.name).join(", ");
  if (read.length === 0) throw new CommandError(`no SidecarSet among the files: add one with ${flag}`, EXIT.usage);
  if (named.length === 0) throw new CommandError(`--sidecar-set "${name}": the files have ${names}`, EXIT.usage);
  throw new CommandError(`several SidecarSets among the files (${names}): say which with --sidecar-set`, EXIT.usage);
}
