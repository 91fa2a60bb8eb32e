import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { promisify } from "node:util";

/** A package of the distribution, and of its files those that the runtime loads. */
export interface SystemPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** SPDX expression. */
  readonly licence: string;
  /** Absolute paths, under which the loader looks for them. */
  readonly files: readonly string[];
  readonly copyright?: string;
}

/** What Node may need of a distribution. All may be passed on beside a program that is linked with them. */
const LICENCES: Readonly<Record<string, string>> = {
  libc6: "LGPL-2.1-or-later",
  "libgcc-s1": "GPL-3.0-or-later WITH GCC-exception-3.1",
  "libstdc++6": "GPL-3.0-or-later WITH GCC-exception-3.1",
};

/**
 * The shared libraries that a program is linked with, and their loader, of the machine that packs: a Debian or what is made of it.
 * @throws when one of them is of a package that nobody has judged
 */
export async function systemLibrariesOf(program: string): Promise<readonly SystemPackage[]> {
  const { stdout } = await run("ldd", [program]);
  const files = [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, file]) => file!).sort();
  const owned = await Promise.all(files.map(async (file) => ({ file, owner: await ownerOf(file) })));
  const owners = [...new Set(owned.map(({ owner }) => owner))].sort();
  return Promise.all(
    owners.map((owner) =>
      describe(
        owner,
        owned.filter((one) => one.owner === owner).map(({ file }) => file),
      ),
    ),
  );
}

/** Libraries are known to dpkg by the path they were installed under, before `/lib` became a link or after. */
async function ownerOf(file: string): Promise<string> {
  const real = await realpath(file);
  for (const path of [file, real, real.replace(/^\/usr/, "")]) {
    const found = await run("dpkg-query", ["--search", path]).catch(() => undefined);
    if (found) return found.stdout.split(":")[0]!;
  }
  throw new Error(`dpkg-query knows no package of ${file}: the image is packed on Debian or what is made of it`);
}

async function describe(name: string, files: readonly string[]): Promise<SystemPackage> {
  const licence = LICENCES[name];
  if (licence === undefined) {
    throw new Error(`${files.join(", ")} is of the package ${name}: add its licence to image/systemLibraries.ts`);
  }
  const format = `\${Version} \${Architecture}`;
  const { stdout } = await run("dpkg-query", ["--show", `--showformat=${format}\n`, name]);
  const [version = "", architecture = ""] = stdout.trim().split(" ");
  const copyright = `/usr/share/doc/${name}/copyright`;
  return { name, version, architecture, licence, files, ...(existsSync(copyright) ? { copyright } : {}) };
}

const run = promisify(execFile);
