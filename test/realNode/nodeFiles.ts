import { execFileSync } from "node:child_process";

/** Everything of the node lies below; in the sandbox it is memory. */
export const NODE_FOLDER = "/run/node";
const RUNTIME_SOCKET = "/run/containerd/containerd.sock";
const VOLUME_PLUGINS = "/var/lib/kubelet/volume-plugins";

/**
 * Without the plugins that make folders elsewhere. Scores for running out of memory can be lowered only with rights that not every root
 * has, so they are left alone.
 */
export function containerdConfiguration(runtimeFolder: string): string {
  return `version = 3
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = [
  "io.containerd.nri.v1.nri",
  "io.containerd.internal.v1.opt",
  "io.containerd.internal.v1.tracing",
  "io.containerd.tracing.processor.v1.otlp",
]
[grpc]
  address = "${RUNTIME_SOCKET}"
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = "docker.io/local/pause:1"
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
  disable_apparmor = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ["${runtimeFolder}"]
  conf_dir = "${NODE_FOLDER}/network"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
  BinaryName = "${runtimeFolder}/runc"
  SystemdCgroup = false
`;
}

/** Pods on a bridge of the node. Nobody goes out, so no address is disguised and no firewall is touched. */
export const NETWORK_CONFIGURATION = JSON.stringify({
  cniVersion: "1.0.0",
  name: "pods",
  plugins: [
    {
      type: "bridge",
      bridge: "pods0",
      isGateway: true,
      ipMasq: false,
      ipam: {
        type: "host-local",
        dataDir: `${NODE_FOLDER}/addresses`,
        ranges: [[{ subnet: "10.97.0.0/24" }]],
        routes: [{ dst: "0.0.0.0/0" }],
      },
    },
  ],
});

/** JSON is YAML. A kubelet that may touch nothing but its own cgroups and folders, and never evicts. */
export function kubeletConfiguration(address: string): string {
  const never = "0%";
  return JSON.stringify({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address,
    port: 10250,
    healthzPort: 0,
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: "AlwaysAllow" },
    containerRuntimeEndpoint: `unix://${RUNTIME_SOCKET}`,
    cgroupDriver: "cgroupfs",
    failCgroupV1: false,
    failSwapOn: false,
    protectKernelDefaults: true,
    makeIPTablesUtilChains: false,
    localStorageCapacityIsolation: false,
    oomScoreAdj: 0,
    maxOpenFiles: Number(execFileSync("bash", ["-c", "ulimit -Hn"], { encoding: "utf8" })),
    resolvConf: "",
    clusterDNS: ["10.0.0.10"],
    volumePluginDir: VOLUME_PLUGINS,
    nodeStatusUpdateFrequency: "2s",
    imageGCHighThresholdPercent: 100,
    evictionHard: {
      "memory.available": never,
      "nodefs.available": never,
      "nodefs.inodesFree": never,
      "imagefs.available": never,
    },
  });
}
