import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import type { KubeObject } from "../../src/core/kube/object.ts";

/** A version from which people upgrade to this one. */
export interface EarlierVersion {
  readonly commit: string;
  /** The command line program. */
  readonly program: string;
  /** Its definition of SidecarSets. */
  readonly definition: KubeObject;
}

const ROOT = resolve(import.meta.dirname, "../..");
/** The first one whose manager injects and rolls out, from where to measure as long as nothing is released. */
const FIRST = "43753b2d729c4fa626e6e3884f1fb402e775becb";

/**
 * The newest release before this commit, or the first version; built once and kept in `$XDG_CACHE_HOME/sidecarset`.
 * @throws where the history is not there
 */
export async function ensureEarlierVersion(): Promise<EarlierVersion> {
  const commit = await earlierCommit();
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  const folder = join(caches, "sidecarset", "earlier", commit);
  if (!existsSync(folder)) await build(commit, folder);
  const definition = parse(await readFile(join(folder, "deploy/crd.yaml"), "utf8"), { version: "1.1" }) as KubeObject;
  return { commit, program: join(folder, "dist/sidecarset.js"), definition };
}

async function earlierCommit(): Promise<string> {
  const released = await git("describe", "--tags", "--abbrev=0", "HEAD^").catch(() => undefined);
  const name = released ?? FIRST;
  return git("rev-parse", "--verify", `${name}^{commit}`).catch(() => {
    throw new Error(`the history holds no ${name}, from which to upgrade: get it by git fetch --unshallow --tags`);
  });
}

/** In a folder of its own, with the packages of this checkout; what is kept has everything in it. */
async function build(commit: string, folder: string): Promise<void> {
  const source = await mkdtemp(join(tmpdir(), "earlier-version-"));
  try {
    await run("sh", ["-c", 'git archive "$1" | tar -x -C "$2"', "sh", commit, source], { cwd: ROOT });
    await symlink(join(ROOT, "node_modules"), join(source, "node_modules"));
    await run(process.execPath, ["build.mjs"], { cwd: source });
    const half = `${folder}.building-${process.pid}`;
    await mkdir(half, { recursive: true });
    for (const part of ["dist", "deploy", "package.json"]) {
      await cp(join(source, part), join(half, part), { recursive: true });
    }
    await rename(half, folder);
  } finally {
    await rm(source, { recursive: true, force: true });
  }
}

async function git(...args: readonly string[]): Promise<string> {
  return (await run("git", args, { cwd: ROOT })).stdout.trim();
}

const run = promisify(execFile);
