import { isClusterError } from "../../cluster/clusterError.ts";
import { PODS } from "../../cluster/resource.ts";
import type { Pod } from "../../core/kube/pod.ts";
import { chosenSidecar, type InjectedSidecar, injectedSidecars } from "../../core/pod/injectedSidecars.ts";
import type { KubeApi } from "../../kubeapi/connect.ts";
import { CommandError, EXIT } from "../exitCode.ts";
import { didYouMean } from "../nearestName.ts";
import type { ClusterOptions } from "../withCluster.ts";

export interface SidecarOptions extends ClusterOptions {
  readonly namespace?: string;
  readonly container?: string;
  readonly sidecarSet?: string;
}

/** A pod's sidecar as it is reached now. */
export interface FoundSidecar extends InjectedSidecar {
  readonly namespace: string;
  readonly pod: string;
}

/** @param target `NAME` or `pod/NAME` */
export async function findSidecar(cluster: KubeApi, target: string, options: SidecarOptions): Promise<FoundSidecar> {
  const name = target.replace(/^(?:pods?|po)\//, "");
  if (name.includes("/")) throw new CommandError(`"${target}": a pod is expected, as NAME or pod/NAME`, EXIT.usage);
  const namespace = options.namespace ?? cluster.namespace;
  const { metadata } = await readPod(cluster, { namespace, name });
  const sidecars = injectedSidecars(metadata.annotations);
  const chosen = chosenSidecar(sidecars, options);
  if (chosen.ok) return { ...chosen.value, namespace, pod: name };
  throw new CommandError(notChosen(`${namespace}/${name}`, sidecars, options), EXIT.usage);
}

async function readPod(cluster: KubeApi, { namespace, name }: { namespace: string; name: string }): Promise<Pod> {
  try {
    return await cluster.get<Pod>(PODS, { namespace, name });
  } catch (error) {
    if (!isClusterError(error, "notFound")) throw error;
    const { items } = await cluster.list(PODS, { namespace }).catch(() => ({ items: [] }));
    const near = didYouMean(
      name,
      items.map(({ metadata }) => metadata.name ?? ""),
    );
    throw new CommandError(`there is no pod "${name}" in namespace ${namespace}${near}`);
  }
}

function notChosen(pod: string, sidecars: readonly InjectedSidecar[], options: SidecarOptions): string {
  if (sidecars.length === 0)
    return `pod ${pod} carries no sidecars of a SidecarSet; why, says: explain pod/${pod.split("/")[1]}`;
  const { container, sidecarSet } = options;
  const names = sidecars.map(({ name, sidecarSet: of }) => `${name} (${of})`).join(", ");
  if (container !== undefined) {
    const near = didYouMean(
      container,
      sidecars.map(({ name }) => name),
    );
    return `pod ${pod} has no sidecar "${container}"${near || `; there are: ${names}`}`;
  }
  if (sidecarSet !== undefined && !sidecars.some((sidecar) => sidecar.sidecarSet === sidecarSet)) {
    return `pod ${pod} carries nothing of SidecarSet "${sidecarSet}"; it has: ${names}`;
  }
  return `pod ${pod} has several sidecars, name one with -c: ${names}`;
}
