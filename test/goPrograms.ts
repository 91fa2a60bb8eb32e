import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** Programs of one Go module that pins everything they are made of. */
export interface GoModule {
  readonly folder: string;
  /** Of the programs in the cache. */
  readonly name: string;
  /** The files in it that decide what is built. */
  readonly sources: readonly string[];
  /** Arguments of `go build`. */
  readonly flags: readonly string[];
  readonly cgo: boolean;
}

/** Import paths by the names that `go build` gives to the programs. */
export type GoPackages<Program extends string> = Readonly<Record<Program, string>>;

/**
 * Builds what is missing and keeps it between runs, in a folder named after the pins.
 * @returns that folder; the programs are in it
 */
export async function ensureGoPrograms<Program extends string>(
  module: GoModule,
  packages: GoPackages<Program>,
): Promise<string> {
  const folder = await goProgramFolder(module);
  const missing = Object.keys(packages).filter((program) => !existsSync(join(folder, program)));
  if (missing.length > 0) await build(module, folder, missing, packages as GoPackages<string>);
  return folder;
}

/** `$XDG_CACHE_HOME/sidecarset/<name>/<hash of the pins and flags>`. */
export async function goProgramFolder({ folder, name, sources, flags, cgo }: GoModule): Promise<string> {
  const hash = createHash("sha256");
  for (const file of sources) hash.update(await readFile(join(folder, file)));
  hash.update(JSON.stringify({ flags, cgo }));
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(caches, "sidecarset", name, hash.digest("hex").slice(0, 16));
}

/** Built beside and moved into place each as a whole, so that an interrupted build leaves nothing half. */
async function build(
  module: GoModule,
  folder: string,
  programs: readonly string[],
  packages: GoPackages<string>,
): Promise<void> {
  await promisify(execFile)("go", ["version"]).catch(() => {
    throw new Error(`${module.name} is built from Go modules; install Go 1.26 or newer`);
  });
  const startedAt = Date.now();
  const building = `${folder}.building-${process.pid}`;
  const leave = (): void => process.exit(143);
  const removeHalf = (): void => rmSync(building, { recursive: true, force: true });
  process.once("exit", removeHalf).once("SIGTERM", leave);
  console.log(`building ${programs.join(", ")} into ${folder}, once`);
  await mkdir(building, { recursive: true });
  try {
    await go(module, ["build", ...module.flags, "-o", `${building}/`, ...programs.map((name) => packages[name]!)]);
    await mkdir(folder, { recursive: true });
    for (const program of programs) await rename(join(building, program), join(folder, program));
  } finally {
    await rm(building, { recursive: true, force: true });
    process.off("exit", removeHalf).off("SIGTERM", leave);
  }
  console.log(`built in ${Math.round((Date.now() - startedAt) / 1000)} s`);
}

function go({ folder, cgo }: GoModule, args: readonly string[]): Promise<void> {
  const child = spawn("go", args, {
    cwd: folder,
    stdio: "inherit",
    env: { ...process.env, CGO_ENABLED: cgo ? "1" : "0" },
  });
  const endWithUs = (): void => void child.kill();
  process.once("exit", endWithUs);
  child.once("exit", () => process.off("exit", endWithUs));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`go ${args[0]} failed (${code})`))));
  });
}
