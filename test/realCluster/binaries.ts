import { join } from "node:path";
import { ensureGoPrograms, type GoModule, type GoPackages } from "../goPrograms.ts";

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
const MODULE: GoModule = {
  folder: import.meta.dirname,
  name: "real-cluster",
  sources: ["go.mod", "go.sum"],
  flags: ["-trimpath", "-ldflags", LINKER_FLAGS],
  cgo: false,
};
const CONTROL_PLANE = {
  server: "go.etcd.io/etcd/server/v3",
  "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
  "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
  "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
  kubectl: "k8s.io/kubernetes/cmd/kubectl",
} satisfies GoPackages<string>;

/** The control plane of the pinned modules. The first build takes about eight CPU minutes and 2 GB of Go's own caches. */
export async function ensureBinaries(): Promise<Binaries> {
  const folder = await ensureGoPrograms(MODULE, CONTROL_PLANE);
  return {
    etcd: join(folder, "server"),
    "kube-apiserver": join(folder, "kube-apiserver"),
    "kube-controller-manager": join(folder, "kube-controller-manager"),
    "kube-scheduler": join(folder, "kube-scheduler"),
    kubectl: join(folder, "kubectl"),
  };
}

/** The kubelet of the same version. It shares most of its packages with the control plane, and takes five CPU minutes more. */
export async function ensureKubelet(): Promise<string> {
  const folder = await ensureGoPrograms(MODULE, { kubelet: "k8s.io/kubernetes/cmd/kubelet" });
  return join(folder, "kubelet");
}
