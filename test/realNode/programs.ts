import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensureGoPrograms, type GoModule, type GoPackages, goProgramFolder } from "../goPrograms.ts";
import { type Binaries, ensureBinaries, ensureKubelet } from "../realCluster/binaries.ts";

/** Paths of everything that a cluster of one node is made of. */
export interface NodePrograms {
  readonly controlPlane: Binaries;
  readonly kubelet: string;
  /** Of containerd, its shim, ctr, runc and the network plugins, which find each other there. */
  readonly runtimeFolder: string;
  /** The program of all images. */
  readonly app: string;
}

const PLUGINS = "github.com/containernetworking/plugins/plugins";
const CONTAINERD = "github.com/containerd/containerd/v2/cmd";
/** runc looks for seccomp when it is built, containerd when it runs: the two must agree. */
const RUNTIME: GoModule = {
  folder: import.meta.dirname,
  name: "real-node",
  sources: ["go.mod", "go.sum"],
  flags: ["-trimpath", "-tags", "seccomp no_btrfs", "-ldflags", "-s -w"],
  cgo: true,
};
const APP: GoModule = {
  folder: join(import.meta.dirname, "app"),
  name: "real-node-app",
  sources: ["go.mod", "main.go"],
  flags: ["-trimpath", "-buildvcs=false", "-ldflags", "-s -w"],
  cgo: false,
};

const RUNTIME_PACKAGES = {
  containerd: `${CONTAINERD}/containerd`,
  "containerd-shim-runc-v2": `${CONTAINERD}/containerd-shim-runc-v2`,
  ctr: `${CONTAINERD}/ctr`,
  runc: "github.com/opencontainers/runc",
  bridge: `${PLUGINS}/main/bridge`,
  "host-local": `${PLUGINS}/ipam/host-local`,
  loopback: `${PLUGINS}/main/loopback`,
} satisfies GoPackages<string>;

/** Why the programs cannot be built on this machine; undefined when they can, or are there. */
export async function whyNoPrograms(): Promise<string | undefined> {
  const folder = await goProgramFolder(RUNTIME);
  if (Object.keys(RUNTIME_PACKAGES).every((program) => existsSync(join(folder, program)))) return undefined;
  const attempt = "go version && echo '#include <seccomp.h>' | cc -E - > /dev/null";
  return promisify(execFile)("sh", ["-c", attempt]).then(
    () => undefined,
    () => "building a node takes Go 1.26, a C compiler and headers: apt-get install gcc libc6-dev libseccomp-dev",
  );
}

/** Built once from pinned modules: about 17 CPU minutes when nothing is there. */
export async function ensureNodePrograms(): Promise<NodePrograms> {
  return {
    controlPlane: await ensureBinaries(),
    kubelet: await ensureKubelet(),
    runtimeFolder: await ensureGoPrograms(RUNTIME, RUNTIME_PACKAGES),
    app: join(await ensureGoPrograms(APP, { app: "." }), "app"),
  };
}
