import { join } from "node:path";
import { ensureGoPrograms, type GoModule } from "../goPrograms.ts";
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

/** Built once from pinned modules: about 17 CPU minutes when nothing is there. */
export async function ensureNodePrograms(): Promise<NodePrograms> {
  return {
    controlPlane: await ensureBinaries(),
    kubelet: await ensureKubelet(),
    runtimeFolder: await ensureGoPrograms(RUNTIME, {
      containerd: `${CONTAINERD}/containerd`,
      "containerd-shim-runc-v2": `${CONTAINERD}/containerd-shim-runc-v2`,
      ctr: `${CONTAINERD}/ctr`,
      runc: "github.com/opencontainers/runc",
      bridge: `${PLUGINS}/main/bridge`,
      "host-local": `${PLUGINS}/ipam/host-local`,
      loopback: `${PLUGINS}/main/loopback`,
    }),
    app: join(await ensureGoPrograms(APP, { app: "." }), "app"),
  };
}
