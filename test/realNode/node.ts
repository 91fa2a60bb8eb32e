import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { NODES } from "../../src/cluster/resource.ts";
import type { JsonObject, KubeObject } from "../../src/core/kube/object.ts";
import { type Component, startComponent } from "../realCluster/component.ts";
import { waitFor } from "../realCluster/controlPlane.ts";
import { NODE_NAME } from "../realCluster/credentials.ts";
import { imageArchive } from "./imageArchive.ts";
import { LOCAL_IMAGES } from "./localImages.ts";
import { containerdConfiguration, kubeletConfiguration, NETWORK_CONFIGURATION, NODE_FOLDER } from "./nodeFiles.ts";
import type { NodePrograms } from "./programs.ts";

interface NodeOptions {
  readonly programs: NodePrograms;
  readonly logFolder: string;
}

interface NodeObject extends KubeObject {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Starts containerd with the local images in it, and with our own. @param options ownImages: path of their archive */
export async function startContainerd({
  programs,
  logFolder,
  ownImages,
}: NodeOptions & { readonly ownImages: string }): Promise<Component> {
  const { runtimeFolder } = programs;
  const file = (name: string): string => join(NODE_FOLDER, name);
  await mkdir(file("network"), { recursive: true });
  await writeFile(file("network/10-pods.conflist"), NETWORK_CONFIGURATION);
  await writeFile(file("containerd.toml"), containerdConfiguration(runtimeFolder));
  await writeFile(file("images.tar"), imageArchive(await readFile(programs.app), LOCAL_IMAGES));
  const containerd = startComponent(
    "containerd",
    join(runtimeFolder, "containerd"),
    ["--config", file("containerd.toml")],
    logFolder,
  );
  const ctr = (...args: string[]) => promisify(execFile)(join(runtimeFolder, "ctr"), args);
  await waitFor(() => ctr("version"), [containerd]);
  // The kubelet's images live in this namespace of the runtime.
  for (const archive of [file("images.tar"), ownImages])
    await ctr("--namespace", "k8s.io", "images", "import", archive);
  return containerd;
}

/** Starts a kubelet on a running containerd; its node is ready, and pods may be put there, when this returns. */
export async function startKubelet(
  { programs, logFolder, address, kubeconfig }: NodeOptions & { readonly address: string; readonly kubeconfig: string },
  cluster: Cluster,
): Promise<Component> {
  const configuration = join(NODE_FOLDER, "kubelet.json");
  await writeFile(configuration, kubeletConfiguration(address));
  const kubelet = startComponent(
    "kubelet",
    programs.kubelet,
    [
      `--config=${configuration}`,
      `--kubeconfig=${kubeconfig}`,
      `--hostname-override=${NODE_NAME}`,
      `--node-ip=${address}`,
      "--root-dir=/var/lib/kubelet",
    ],
    logFolder,
  );
  await waitFor(async () => {
    const { spec, status } = await cluster.get<NodeObject & { readonly spec?: JsonObject }>(NODES, { name: NODE_NAME });
    const ready = status?.conditions?.some((one) => one.type === "Ready" && one.status === "True");
    if (!ready || spec?.taints) throw new Error(`the node is not ready: ${JSON.stringify({ spec, status })}`);
  }, [kubelet]);
  return kubelet;
}
