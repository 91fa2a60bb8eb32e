import type { IntOrPercent } from "../kube/intOrPercent.ts";
import type { LabelSelector } from "../kube/labelSelector.ts";
import type { Container, Volume } from "../kube/pod.ts";
import type { SidecarSetStatus } from "./sidecarSetStatus.ts";

export type { IntOrPercent } from "../kube/intOrPercent.ts";
export type { LabelSelector } from "../kube/labelSelector.ts";
export type { SidecarSetStatus } from "./sidecarSetStatus.ts";

/**
 * A SidecarSet as every decision sees it: parsed, defaulted, one shape for both API versions (v1alpha1 `namespace` has become
 * `namespaceSelector`, its custom-version label `customVersion`). Only `parseSidecarSet` makes one.
 */
export interface SidecarSet {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  /** milliseconds since the epoch; undefined when the object has not been stored yet */
  readonly createdAt: number | undefined;
  readonly deleting: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** The field manager that last wrote the spec; undefined when the object does not tell. */
  readonly writtenBy: string | undefined;
  readonly spec: SidecarSetSpec;
  readonly status: SidecarSetStatus;
}

export interface SidecarSetSpec {
  /** Absent selects nothing. */
  readonly selector: LabelSelector | undefined;
  /** Absent selects every namespace. */
  readonly namespaceSelector: LabelSelector | undefined;
  /** Undefined when the object has no such list: absent and empty hash differently. */
  readonly containers: readonly SidecarContainer[] | undefined;
  readonly initContainers: readonly SidecarContainer[] | undefined;
  readonly volumes: readonly Volume[];
  readonly imagePullSecrets: readonly { readonly name?: string }[];
  readonly patchPodMetadata: readonly PatchPodMetadata[];
  readonly updateStrategy: UpdateStrategy;
  readonly injectionStrategy: InjectionStrategy;
  readonly revisionHistoryLimit: number;
  readonly customVersion: string | undefined;
}

/** A core/v1 Container with SidecarSet's own fields at the same level. Fields we do not know are kept. */
export interface SidecarContainer extends Container {
  readonly podInjectPolicy: "BeforeAppContainer" | "AfterAppContainer";
  readonly upgradeStrategy: {
    readonly upgradeType: "ColdUpgrade" | "HotUpgrade";
    readonly hotUpgradeEmptyImage?: string;
  };
  readonly shareVolumePolicy: { readonly type: "enabled" | "disabled" };
  readonly shareVolumeDevicePolicy?: { readonly type?: string };
  readonly transferEnv?: readonly TransferEnv[];
  readonly resourcesPolicy?: ResourcesPolicy;
  /** What annotations of a pod may override: `imageTag`, `resources`, `env:NAME`. Not part of the hash. */
  readonly podOverrides?: readonly string[];
}

/** The resources of a sidecar, computed from those of the pod's own containers when the pod is created. */
export interface ResourcesPolicy {
  /** How the resources of several containers become one amount: `sum` or `max`. */
  readonly targetContainersMode: string;
  /** Go syntax, not anchored; absent matches every name. */
  readonly targetContainersNameRegex?: string;
  readonly resourcesExpr: { readonly limits?: ResourceExpressions; readonly requests?: ResourceExpressions };
}

/** Expressions such as `max(cpu*50%, 100m)`; absent or empty leaves the resource out. */
export interface ResourceExpressions {
  readonly cpu?: string;
  readonly memory?: string;
}

export interface TransferEnv {
  readonly sourceContainerName?: string;
  readonly sourceContainerNameFrom?: {
    readonly fieldRef?: { readonly apiVersion?: string; readonly fieldPath: string };
  };
  readonly envName?: string;
  readonly envNames?: readonly string[];
}

export interface PatchPodMetadata {
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly patchPolicy: "Retain" | "Overwrite" | "MergePatchJson" | "AppendUnique";
}

export interface UpdateStrategy {
  readonly type: "RollingUpdate" | "NotUpdate";
  readonly paused: boolean;
  readonly selector: LabelSelector | undefined;
  /** Pods kept on the old revision; default 0. */
  readonly partition: IntOrPercent;
  /** Default 1. */
  readonly maxUnavailable: IntOrPercent;
  /** Of the pods of one workload; undefined: not limited. */
  readonly maxUnavailablePerOwner: IntOrPercent | undefined;
  readonly priorityStrategy: PriorityStrategy | undefined;
  readonly scatterStrategy: readonly ScatterTerm[];
  /** An updated pod that is not ready for so long counts as stuck; default 600. */
  readonly progressDeadlineSeconds: number;
}

export interface PriorityStrategy {
  readonly orderPriority?: readonly { readonly orderedKey: string }[];
  readonly weightPriority?: readonly { readonly weight: number; readonly matchSelector?: LabelSelector }[];
}

export interface ScatterTerm {
  readonly key: string;
  /** Absent: every value of the key is a group of its own. */
  readonly value?: string;
}

export interface InjectionStrategy {
  readonly paused: boolean;
  readonly revision:
    | {
        readonly customVersion?: string;
        readonly revisionName?: string;
        readonly policy: "Always" | "Partial" | "FollowPartition";
      }
    | undefined;
  /** What happens to a selected pod that cannot be injected; undefined: what the installation says. */
  readonly failurePolicy: FailurePolicy | undefined;
  /** Place among the SidecarSets of a pod, lower first; default 0. */
  readonly order: number;
  /** Whether a pod may say that it wants no sidecar; default Allow. */
  readonly optOut: "Allow" | "Deny";
}

export type FailurePolicy = "Fail" | "Ignore";
