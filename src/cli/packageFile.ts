import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Reads a file that ships with the package, e.g. `deploy/crd.yaml`; works from the sources and from the built file alike. */
export function packageFile(path: string): string {
  return readFileSync(join(packageRoot(), path), "utf8");
}

function packageRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (folder === dirname(folder)) throw new Error("the package's own files are missing: install sidecarset again");
  }
}
