import type { JsonPatch } from "../kube/jsonPatch.ts";
import type { Labels } from "../kube/labelSelector.ts";
import type { ControllerRevision } from "../kube/object.ts";
import type { CompilePattern } from "../kube/pattern.ts";
import type { Pod } from "../kube/pod.ts";
import type { FailurePolicy, SidecarSet } from "../sidecarSet/sidecarSet.ts";
import type { Stop } from "../sidecarSet/stopSwitches.ts";
import type { BuildContext, BuiltSidecarSet } from "./buildSidecarSet.ts";
import type { CarriedRevisions } from "./carriedRevisions.ts";
import type { ChosenRevision } from "./chooseRevision.ts";
import type { InjectionReason } from "./injectionReason.ts";

/** What an installation says about all SidecarSets. */
export interface InjectionRules {
  /** Their pods get no sidecars whatever the SidecarSets select; none when absent. */
  readonly excludedNamespaces?: readonly string[];
  /** For SidecarSets that have none of their own: whether a pod that cannot be injected is refused. `Fail` when absent. */
  readonly defaultFailurePolicy?: FailurePolicy;
}

export interface InjectionInput extends InjectionRules {
  /** As it stands in the request. Never changed and never written out again, so fields we do not know survive. */
  readonly pod: Pod;
  /** Namespace of the request; counts when the pod names none. */
  readonly requestNamespace: string;
  /** Undefined: no such namespace is known, and no namespaceSelector matches. */
  readonly namespaceLabels: Labels | undefined;
  readonly sidecarSets: readonly SidecarSet[];
  /** Those of the system namespace, for pinned revisions. */
  readonly revisions: readonly ControllerRevision[];
  /** Somebody stopped it for the whole cluster. */
  readonly injectionStopped?: Stop | undefined;
  /** milliseconds since the epoch */
  readonly now: number;
  /**
   * What tells this pod from the others of its workload where its name is still to be generated: decides on which side of a partial
   * revision split it falls. The same text always falls on the same side.
   */
  readonly identity: string;
  /** What the pods that exist carry, for splits between two revisions; absent: nothing is known, and names decide. */
  readonly carried?: CarriedRevisions;
  /** For the container name patterns of resource policies. */
  readonly compilePattern: CompilePattern;
  /** Sidecar containers in the order of their names instead of the order of the SidecarSets. */
  readonly sortContainersByName?: boolean;
}

export interface Injection {
  /** Empty when the pod stays as it is. */
  readonly patch: JsonPatch;
  /** One for each SidecarSet of the input; none when the pod itself is out of question. */
  readonly outcomes: readonly InjectionOutcome[];
  /** For the person who created the pod. */
  readonly warnings: readonly string[];
  /** What the patch was made of; absent when the pod is out of question. Explanations read it, nothing is computed for them. */
  readonly workings?: InjectionWorkings | undefined;
}

export interface InjectionWorkings {
  /** Of all SidecarSets that take part, in the order of injection. */
  readonly chosen: readonly ChosenRevision[];
  /** Without those that the pod carries already. */
  readonly built: readonly BuiltSidecarSet[];
  readonly context: BuildContext;
}

export type InjectionOutcome =
  | {
      readonly kind: "injected";
      readonly sidecarSet: string;
      /** As they are named in the pod; empty for a set that only touches the pod's metadata. */
      readonly containers: readonly string[];
      /** Why it is not the latest revision. */
      readonly otherRevision?: InjectionReason;
    }
  | { readonly kind: "skipped"; readonly sidecarSet: string; readonly reason: InjectionReason };
