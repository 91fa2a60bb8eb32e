import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A package of npm of which something is in the bundle. */
export interface BundledPackage {
  /** In package-lock.json, and as a folder. */
  readonly place: string;
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly licence: string;
  /** `sha512-…` of the package's archive. */
  readonly integrity: string;
}

interface LockFile {
  readonly packages: Readonly<
    Record<string, { readonly version?: string; readonly license?: string; readonly integrity?: string }>
  >;
}

export const ROOT = join(import.meta.dirname, "..");

/** @param programFolder what build.mjs has written */
export function bundledPackages(programFolder: string): readonly BundledPackage[] {
  const places = JSON.parse(readFileSync(join(programFolder, "bundled.json"), "utf8")) as readonly string[];
  const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as LockFile;
  return places.map((place) => {
    const { version, license: licence, integrity } = packages[place] ?? {};
    if (!version || !licence || !integrity) {
      throw new Error(
        `${place} is in the bundle, but package-lock.json does not tell its version, licence and integrity`,
      );
    }
    return { place, name: place.slice(place.lastIndexOf("node_modules/") + 13), version, licence, integrity };
  });
}
