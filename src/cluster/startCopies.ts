import type { ControllerRevision, KubeObject, Namespace } from "../core/kube/object.ts";
import { podRecord } from "../core/pod/podRecord.ts";
import type { Cluster } from "./cluster.ts";
import type { Environment } from "./environment.ts";
import type { RolloutCopies } from "./gatherSnapshot.ts";
import { startInformer } from "./informer.ts";
import { sidecarSetReader } from "./readSidecarSet.ts";
import { CONTROLLER_REVISIONS, NAMESPACES, PODS, type ResourceType, SIDECAR_SETS } from "./resource.ts";
import { startSwitchCopy } from "./switchCopy.ts";

export interface CopiesOptions {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  /** Where the ControllerRevisions live. */
  readonly systemNamespace: string;
  /** Whenever the server tells something of a kind; absent: nobody asks. */
  readonly onHeard?: ((type: ResourceType) => void) | undefined;
}

/** Everything that admission and rollouts read, copied once and shared by both. */
export function startCopies({ systemNamespace, ...common }: CopiesOptions): RolloutCopies {
  const sidecarSet = sidecarSetReader(common.environment.log);
  return {
    sidecarSets: startInformer({ ...common, type: SIDECAR_SETS, transform: sidecarSet }),
    pods: startInformer({ ...common, type: PODS, transform: podRecord, listOptions: { sparse: true } }),
    namespaces: startInformer({ ...common, type: NAMESPACES, transform: whole<Namespace> }),
    revisions: startInformer({
      ...common,
      type: CONTROLLER_REVISIONS,
      transform: whole<ControllerRevision>,
      listOptions: { namespace: systemNamespace },
    }),
    switches: startSwitchCopy(systemNamespace, common),
  };
}

function whole<T extends KubeObject>(object: T): T {
  return object;
}
