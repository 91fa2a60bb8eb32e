import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** Paths of the programs of a control plane. */
export interface Binaries {
  readonly etcd: string;
  readonly "kube-apiserver": string;
  readonly "kube-controller-manager": string;
  readonly "kube-scheduler": string;
  readonly kubectl: string;
}

const VERSION = { text: "v1.36.3", major: 1, minor: 36 };
const PACKAGE = "k8s.io/component-base/version";
const LINKER_FLAGS = [
  "-s -w",
  `-X ${PACKAGE}.gitVersion=${VERSION.text}`,
  `-X ${PACKAGE}.gitMajor=${VERSION.major}`,
  `-X ${PACKAGE}.gitMinor=${VERSION.minor}`,
].join(" ");
const PROGRAMS = ["server", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"] as const;

/**
 * The programs built from the pinned Go modules beside this file, kept between runs in a folder named after these pins.
 * The first build takes about eight CPU minutes and 2 GB of Go's own caches.
 */
export async function ensureBinaries(): Promise<Binaries> {
  const folder = await cacheFolder();
  if (!PROGRAMS.every((program) => existsSync(join(folder, program)))) await buildInto(folder);
  return {
    etcd: join(folder, "server"),
    "kube-apiserver": join(folder, "kube-apiserver"),
    "kube-controller-manager": join(folder, "kube-controller-manager"),
    "kube-scheduler": join(folder, "kube-scheduler"),
    kubectl: join(folder, "kubectl"),
  };
}

/** `$XDG_CACHE_HOME/sidecarset/real-cluster/<hash of go.mod and go.sum>`. */
async function cacheFolder(): Promise<string> {
  const hash = createHash("sha256");
  for (const file of ["go.mod", "go.sum"]) hash.update(await readFile(join(import.meta.dirname, file)));
  hash.update(LINKER_FLAGS);
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(caches, "sidecarset", "real-cluster", hash.digest("hex").slice(0, 16));
}

/** Built beside and moved into place whole, so that an interrupted build leaves nothing half. */
async function buildInto(folder: string): Promise<void> {
  await promisify(execFile)("go", ["version"]).catch(() => {
    throw new Error("the real control plane is built from Go modules; install Go 1.26 or newer");
  });
  const startedAt = Date.now();
  const building = `${folder}.building-${process.pid}`;
  console.log(`building etcd, kube-apiserver and their fellows ${VERSION.text} into ${folder}, once`);
  await mkdir(building, { recursive: true });
  try {
    await go(["build", "-trimpath", "-ldflags", LINKER_FLAGS, "-o", `${building}/`, "tool"]);
    await rm(folder, { recursive: true, force: true });
    await rename(building, folder);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  console.log(`built in ${Math.round((Date.now() - startedAt) / 1000)} s`);
}

function go(args: readonly string[]): Promise<void> {
  const child = spawn("go", args, {
    cwd: import.meta.dirname,
    stdio: "inherit",
    env: { ...process.env, CGO_ENABLED: "0" },
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`go ${args[0]} failed (${code})`))));
  });
}
