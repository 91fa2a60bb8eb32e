// Generated from deploy/crd.yaml by `npm run generate`; changes here are lost.
import type { IntOrPercent } from "../../kube/intOrPercent.ts";
import type { LabelSelector } from "../../kube/labelSelector.ts";
import type { ObjectMeta } from "../../kube/object.ts";
import type { Container, Volume } from "../../kube/pod.ts";

/**
 * A SidecarSet of either API version as it is written, in a file or in the API: what may be left out is
 * optional.
 */
export interface SidecarSetManifest {
  readonly apiVersion: "apps.kruise.io/v1alpha1" | "apps.kruise.io/v1beta1";
  readonly kind: "SidecarSet";
  readonly metadata?: ObjectMeta;
  readonly spec?: Spec;
  readonly status?: Status;
}

/** What is injected, into which pods, and how it is upgraded. */
interface Spec {
  /** Sidecar containers. At least one of containers and initContainers must not be empty. */
  readonly containers?: readonly Sidecar[];
  /**
   * A name of your own for this revision, to which injectionStrategy.revision.customVersion can refer. Same as the
   * label apps.kruise.io/sidecarset-custom-version.
   */
  readonly customVersion?: string;
  /** Pull secrets added to the pod; they must exist in the pod's namespace. Default: none. */
  readonly imagePullSecrets?: readonly ImagePullSecret[];
  /**
   * Sidecar init containers; with restartPolicy: Always they are native sidecars, whose images are upgraded in
   * place too. Others have run when a pod is upgraded.
   */
  readonly initContainers?: readonly Sidecar[];
  /** How new pods get the sidecars. */
  readonly injectionStrategy?: InjectionStrategy;
  /**
   * Only pods of this one namespace. Short for a namespaceSelector on kubernetes.io/metadata.name; a contradicting
   * namespaceSelector is refused. Default: all namespaces.
   */
  readonly namespace?: string;
  /** Only pods in namespaces with these labels; must not be empty. Absent: all namespaces. */
  readonly namespaceSelector?: LabelSelector;
  /** Annotations and labels put on the pod at injection. Keys must be allowed by the installation's whitelist. */
  readonly patchPodMetadata?: readonly PatchPodMetadata[];
  /** How many old revisions are kept for undo. Default: 10. */
  readonly revisionHistoryLimit?: number;
  /**
   * Which pods get the sidecars, by their labels. Required. `{}` (all pods) is only allowed together with a
   * namespace or a non-empty namespaceSelector.
   */
  readonly selector?: LabelSelector;
  /**
   * How sidecars of running pods follow a change. Only image changes are made in place; other changes wait for the
   * pods' recreation, see nonImageChange.
   */
  readonly updateStrategy?: UpdateStrategy;
  /**
   * Volumes added to the pod, as in a pod's spec. A volume the pod already has under the same name is kept.
   * Default: none.
   */
  readonly volumes?: readonly Volume[];
}

/**
 * How sidecars of running pods follow a change. Only image changes are made in place; other changes wait for the
 * pods' recreation, see nonImageChange.
 */
interface UpdateStrategy {
  /**
   * Pulls the new image on a pod's node before the pod's turn, so that the restart does not wait for the registry.
   * Absent: no pulling ahead.
   */
  readonly imagePrePull?: ImagePrePull;
  /**
   * Most pods that may be unavailable because of the upgrade at one time: a number, or a percentage of the matched
   * pods, rounded up. Pods that were not ready before are upgraded outside of this limit. Default: 1.
   */
  readonly maxUnavailable?: IntOrPercent;
  /**
   * Most pods of one workload (the pods' controlling owner) that may be unavailable at one time: a number, or a
   * percentage of that workload's matched pods, rounded up. Holds in addition to maxUnavailable. Default: no such
   * limit.
   */
  readonly maxUnavailablePerOwner?: IntOrPercent;
  /** Seconds, 0 or more, that an upgraded pod must be ready before it counts as available. Default: 0. */
  readonly minReadySeconds?: number;
  /**
   * What happens to pods when more than images has changed: Skip leaves them until somebody recreates them,
   * Recreate evicts them in the same order and within the same limits. Default: Skip.
   */
  readonly nonImageChange?: "Skip" | "Recreate";
  /**
   * What happens when upgraded pods do not become ready. Absent: nothing, the rollout stops when the failed pods
   * have used up maxUnavailable.
   */
  readonly onFailure?: OnFailure;
  /**
   * How many pods stay on the old revision: a number, or a percentage of the matched pods, rounded up. `50%`
   * upgrades half, 0 upgrades all, and a percentage below 100% upgrades at least one of two or more pods. With a
   * selector it is taken of the selected pods. With steps, only 0. Default: 0.
   */
  readonly partition?: IntOrPercent;
  /**
   * true: no further pod is upgraded; upgrades under way finish. New pods still get the newest revision unless
   * injectionStrategy.revision says otherwise. Default: false.
   */
  readonly paused?: boolean;
  /**
   * Types of pod conditions, for example `example.com/warmed-up`; a pod is upgraded only while all of them are
   * True. Each type once. Default: none.
   */
  readonly podGates?: readonly string[];
  /** Which pods are upgraded earlier. Either orderPriority or weightPriority. */
  readonly priorityStrategy?: PriorityStrategy;
  /**
   * Seconds, 1 or more, after which an upgraded pod that is not ready counts as failed. Default: 600 when
   * onFailure is set.
   */
  readonly progressDeadlineSeconds?: number;
  /**
   * What happens when CPU or memory of a sidecar has changed: Skip leaves it until the pod is recreated, Resize
   * changes it in the running pod. Default: Skip.
   */
  readonly resourceChange?: "Skip" | "Resize";
  /**
   * Spreads pods with these labels over the whole rollout, so that no group is upgraded in one go. Default: no
   * spreading.
   */
  readonly scatterStrategy?: readonly ScatterStrategy[];
  /** Only pods with these labels are upgraded (canary); the rest keeps the old revision. Excludes steps. */
  readonly selector?: LabelSelector;
  /**
   * A staged release in one object: the stages are worked off in order. Excludes selector and any partition but 0
   * of updateStrategy. Default: none.
   */
  readonly steps?: readonly Step[];
  /** RollingUpdate upgrades running pods, NotUpdate only injects new ones. Default: RollingUpdate. */
  readonly type?: string;
}

/** One stage: exactly one of partition and selector, and how long to wait when it is reached. */
interface Step {
  /**
   * How many pods stay on the old revision in this stage; a number or a percentage as in updateStrategy.partition.
   * Excludes selector.
   */
  readonly partition?: IntOrPercent;
  /** Wait before the next stage. Absent: go on at once. */
  readonly pause?: Pause;
  /** Only pods with these labels are upgraded in this stage. Excludes partition. */
  readonly selector?: LabelSelector;
}

/** Wait before the next stage. Absent: go on at once. */
interface Pause {
  /**
   * Seconds to wait, 0 or more. Absent: until the annotation `sidecarset.kruise.io/continue: <revision>/<step>`
   * says go on.
   */
  readonly seconds?: number;
}

/** One group, or one group for each value of a key. */
interface ScatterStrategy {
  /** The label key. */
  readonly key: string;
  /**
   * The label value of the group, or `*` for a group of every value. Absent: every value of the key is a group,
   * and the pods without the key are one more.
   */
  readonly value?: string;
}

/** Which pods are upgraded earlier. Either orderPriority or weightPriority. */
interface PriorityStrategy {
  /**
   * Labels that order the pods: earlier keys of this list first, then the number at the end of the label's value,
   * larger first. Pods with none of the labels come before all.
   */
  readonly orderPriority?: readonly OrderPriority[];
  /** Weights of pods by selector; the sum of a pod's weights counts, higher first. */
  readonly weightPriority?: readonly WeightPriority[];
}

/** A weight for the pods of a selector. */
interface WeightPriority {
  /** The pods that have this weight; must not be empty. */
  readonly matchSelector: LabelSelector;
  /** 0 to 100. */
  readonly weight: number;
}

/** One label. */
interface OrderPriority {
  /** The label key. */
  readonly orderedKey: string;
}

/**
 * What happens when upgraded pods do not become ready. Absent: nothing, the rollout stops when the failed pods
 * have used up maxUnavailable.
 */
interface OnFailure {
  /**
   * Required. Continue goes on, Pause stops, Rollback returns the upgraded pods to the revision before. None of
   * them changes this spec; see status.rollout.
   */
  readonly action: "Continue" | "Pause" | "Rollback";
  /**
   * The action is taken when so many pods have failed: a number, 1 or more, or a percentage of the matched pods,
   * rounded up. Default: 1.
   */
  readonly maxFailed?: IntOrPercent;
}

/**
 * Pulls the new image on a pod's node before the pod's turn, so that the restart does not wait for the registry.
 * Absent: no pulling ahead.
 */
interface ImagePrePull {
  /** Most nodes that pull at the same time, 1 or more. Default: 1. */
  readonly parallelism?: number;
}

/** Keys that follow the same policy. */
interface PatchPodMetadata {
  /** Annotations to put on the pod. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Labels to put on the pod. Labels that workloads or SidecarSets select by are refused. */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * When the pod has the key already: Retain keeps the pod's value, Overwrite replaces it, MergePatchJson merges
   * both as JSON objects, AppendUnique adds what is missing to a JSON or comma list. Default: Retain.
   */
  readonly patchPolicy?: string;
}

/** How new pods get the sidecars. */
interface InjectionStrategy {
  /**
   * Who injects: Webhook, or AdmissionPolicy (the API server itself, where the cluster offers it). Default:
   * Webhook.
   */
  readonly engine?: "Webhook" | "AdmissionPolicy";
  /**
   * What happens to a selected pod when it cannot be injected or nobody answers: Fail refuses the pod, Ignore lets
   * it start without sidecar. Pods that are not selected are never concerned. Default: as installed, which is
   * Fail.
   */
  readonly failurePolicy?: "Fail" | "Ignore";
  /**
   * Whether a pod may decline the sidecar with `sidecarset.kruise.io/inject: "false"` (label or annotation): Allow
   * or Deny. Default: Allow.
   */
  readonly optOut?: "Allow" | "Deny";
  /**
   * Place among the SidecarSets of one pod: lower first. Equal: sets bound to the pod's namespace by name, then
   * the others by name. Default: 0.
   */
  readonly order?: number;
  /**
   * true: new pods are not injected by this SidecarSet at all. Does not stop upgrades; see updateStrategy.paused.
   * Default: false.
   */
  readonly paused?: boolean;
  /**
   * What happens to running pods that are selected but have no sidecar: None leaves them, Evict replaces them
   * within PodDisruptionBudgets and maxUnavailable. Default: None.
   */
  readonly repair?: "None" | "Evict";
  /**
   * Which revision new pods get. Needs revisionName or customVersion, unless the policy is FollowPartition.
   * Absent: the newest.
   */
  readonly revision?: Revision;
}

/**
 * Which revision new pods get. Needs revisionName or customVersion, unless the policy is FollowPartition.
 * Absent: the newest.
 */
interface Revision {
  /** A revision by the name given in spec.customVersion. */
  readonly customVersion?: string;
  /**
   * Always: every new pod gets the pinned revision. Partial: the pinned or the newest one, in the proportion of
   * updateStrategy.partition (a number is its share of status.matchedPods); while the update is paused, and for
   * pods that updateStrategy.selector does not match, the pinned one. FollowPartition: the same without a pin,
   * with the older revision that most pods carry. Pods with an ordinal or index keep their side when they are
   * recreated. Default: Always.
   */
  readonly policy?: "Always" | "Partial" | "FollowPartition";
  /** A ControllerRevision by name; wins over customVersion. */
  readonly revisionName?: string;
}

/** Reference to a Secret. */
interface ImagePullSecret {
  /** Name of the Secret. */
  readonly name?: string;
}

/**
 * A container as in a pod (name, image, env, volumeMounts, resources, probes and so on, all at this level), plus
 * the fields below that say how it is injected and upgraded. Only its image can change without recreating a pod.
 */
interface Sidecar extends Container {
  /**
   * Where the container goes in the pod's list: BeforeAppContainer or AfterAppContainer. Default:
   * BeforeAppContainer in containers, AfterAppContainer in initContainers.
   */
  readonly podInjectPolicy?: string;
  /**
   * What a pod may override with annotations `override.<container>.<what>` of the prefix sidecarset.kruise.io/:
   * imageTag, resources, or env:NAME, each once. Default: nothing. Not part of the template's hash; an overridden
   * image tag survives upgrades.
   */
  readonly podOverrides?: readonly string[];
  /**
   * Computes the sidecar's resources from those of the pod's application containers at injection. Excludes
   * resources.limits and resources.requests of this container.
   */
  readonly resourcesPolicy?: ResourcesPolicy;
  /** Whether the application containers' block devices are given to the sidecar too. */
  readonly shareVolumeDevicePolicy?: ShareVolumeDevicePolicy;
  /**
   * Whether all volume mounts of the application containers are given to the sidecar too, at the same paths.
   * Mounts that the sidecar declares itself win.
   */
  readonly shareVolumePolicy?: ShareVolumePolicy;
  /**
   * Environment variables copied from an application container of the pod at injection. What that container does
   * not have is left out. Default: none.
   */
  readonly transferEnv?: readonly TransferEnv[];
  /** How this container gets a new image. */
  readonly upgradeStrategy?: UpgradeStrategy;
}

/** How this container gets a new image. */
interface UpgradeStrategy {
  /** For HotUpgrade: image of the idle twin, a program that does nothing and stays up. */
  readonly hotUpgradeEmptyImage?: string;
  /**
   * ColdUpgrade replaces the container in place. HotUpgrade runs two containers (NAME-1, NAME-2) and moves the
   * work from one to the other, so that it never stops. Default: ColdUpgrade.
   */
  readonly upgradeType?: string;
}

/** One copied variable, or several of the same container. */
interface TransferEnv {
  /** Name of the variable to copy. Needed unless envNames is given. */
  readonly envName?: string;
  /** Names of several variables to copy. Needed unless envName is given. */
  readonly envNames?: readonly string[];
  /** Container to copy from. Needed unless sourceContainerNameFrom is given. */
  readonly sourceContainerName?: string;
  /** Takes the container's name from the pod itself. Use instead of sourceContainerName. */
  readonly sourceContainerNameFrom?: SourceContainerNameFrom;
}

/** Takes the container's name from the pod itself. Use instead of sourceContainerName. */
interface SourceContainerNameFrom {
  /** The pod field that holds the name. */
  readonly fieldRef?: FieldRef;
}

/** The pod field that holds the name. */
interface FieldRef {
  /** Version of the path's schema. Default: v1. */
  readonly apiVersion?: string;
  /** metadata.labels['KEY'] or metadata.annotations['KEY']. */
  readonly fieldPath: string;
}

/**
 * Whether all volume mounts of the application containers are given to the sidecar too, at the same paths.
 * Mounts that the sidecar declares itself win.
 */
interface ShareVolumePolicy {
  /** enabled or disabled. Default: disabled. */
  readonly type?: string;
}

/** Whether the application containers' block devices are given to the sidecar too. */
interface ShareVolumeDevicePolicy {
  /** enabled: share them. Anything else, and absent: do not. */
  readonly type?: string;
}

/**
 * Computes the sidecar's resources from those of the pod's application containers at injection. Excludes
 * resources.limits and resources.requests of this container.
 */
interface ResourcesPolicy {
  /** The expressions: numbers, quantities, percentages, + - * / ( ), max and min. */
  readonly resourcesExpr: ResourcesExpr;
  /** How the values of several containers are combined: sum or max. */
  readonly targetContainersMode: "sum" | "max";
  /** Which application containers count, an RE2 pattern matched anywhere in the name. Default: `.*`, all. */
  readonly targetContainersNameRegex?: string;
}

/** The expressions: numbers, quantities, percentages, + - * / ( ), max and min. */
interface ResourcesExpr {
  /** Expressions for limits. A resource that is left out gets no value. */
  readonly limits?: Limits;
  /** Expressions for requests. A resource that is left out gets no value. */
  readonly requests?: Requests;
}

/** Expressions for requests. A resource that is left out gets no value. */
interface Requests {
  /** Expression for CPU, for example `max(cpu*50%, 20m)`; the variable is `cpu`. */
  readonly cpu?: string;
  /** Expression for memory, for example `min(memory/4, 200Mi)`; the variable is `memory`. */
  readonly memory?: string;
}

/** Expressions for limits. A resource that is left out gets no value. */
interface Limits {
  /** Expression for CPU, for example `max(cpu*50%, 20m)`; the variable is `cpu`. */
  readonly cpu?: string;
  /** Expression for memory, for example `min(memory/4, 200Mi)`; the variable is `memory`. */
  readonly memory?: string;
}

/** What the controller has seen and decided. All counters are numbers of pods. */
interface Status {
  /** The limit on unavailable pods, in pods. */
  readonly budget?: Budget;
  /** Raised when a revision's name was taken by something else; part of the next name's hash. */
  readonly collisionCount?: number;
  /** Ready, Progressing and CoverageComplete always; Stalled and Paused while they are so. */
  readonly conditions?: readonly Condition[];
  /** Updated pods whose sidecar has another image than the SidecarSet, or the pod by an override, asks for. */
  readonly driftedPods?: number;
  /** Upgraded pods that were not ready within progressDeadlineSeconds. */
  readonly failedPods?: number;
  /** Pods held back on purpose: by partition, selector or pause. */
  readonly heldPods?: number;
  /** The last rollouts, newest first, at most 10. */
  readonly history?: readonly History[];
  /** Name of the ControllerRevision that holds the current spec. */
  readonly latestRevision?: string;
  /** Selected pods that have the sidecars. */
  readonly matchedPods: number;
  /** The metadata.generation that the status is about. */
  readonly observedGeneration?: number;
  /** Matched pods that are running and ready. */
  readonly readyPods: number;
  /** The rollout under way, and what the controller has decided by itself: it never writes to spec. */
  readonly rollout?: Rollout;
  /** Pods that the selectors choose, with or without sidecars. */
  readonly selectedPods?: number;
  /** Pods whose upgrade does not go on by itself, for example because the image cannot be pulled. */
  readonly stuckPods?: number;
  /** Matched pods that have the newest revision in their spec. */
  readonly updatedPods: number;
  /** Updated pods that are running and ready. */
  readonly updatedReadyPods?: number;
  /** Why pods wait, are left alone, or have no sidecars, by reason code. */
  readonly waiting?: readonly Waiting[];
}

/** One reason. */
interface Waiting {
  /** The public reason code. */
  readonly code?: string;
  /** How many pods. */
  readonly count?: number;
  /** Up to three of them, as namespace/name. */
  readonly examples?: readonly string[];
}

/** The rollout under way, and what the controller has decided by itself: it never writes to spec. */
interface Rollout {
  /** Where the rollout stands in one word: Complete, Progressing, Held, Paused, Blocked or NotUpdate. */
  readonly phase?: string;
  /** Why it stands there. */
  readonly reason?: string;
  /** When the phase began. */
  readonly since?: string;
  /** Pods that the wave under way has upgraded so far; 0 while none is. */
  readonly started?: number;
  /** The stage of updateStrategy.steps, from 0. */
  readonly step?: number;
  /** The revision pods are brought to; differs from latestRevision after a rollback. */
  readonly targetRevision?: string;
  /** How many waves have begun, each of as many pods as maxUnavailable lets go at once. */
  readonly wave?: number;
  readonly [field: string]: unknown;
}

/** One rollout. */
interface History {
  /** What was changed, for example `logtail: 1.0.0 -> 1.0.1`. */
  readonly change?: string;
  /** The field manager that wrote the spec, if known. */
  readonly by?: string;
  /** The annotation kubernetes.io/change-cause at its begin. */
  readonly cause?: string;
  /** When it ended; absent while it runs. */
  readonly finishedAt?: string;
  /** Progressing, Promoted, Superseded or RolledBack. */
  readonly result?: string;
  /** Name of its ControllerRevision. */
  readonly revision?: string;
  /** When it began. */
  readonly startedAt?: string;
  readonly [field: string]: unknown;
}

/** One aspect of the current state. */
interface Condition {
  /** When the status last changed. */
  readonly lastTransitionTime?: string;
  /** For people. */
  readonly message?: string;
  /** The metadata.generation this was said about. */
  readonly observedGeneration?: number;
  /** For machines; the same words as in events and metrics. */
  readonly reason?: string;
  /** True, False or Unknown. */
  readonly status: "True" | "False" | "Unknown";
  /** Ready, Progressing, Stalled, Paused or CoverageComplete. */
  readonly type: string;
}

/** The limit on unavailable pods, in pods. */
interface Budget {
  /** maxUnavailable as a number of pods. */
  readonly limit?: number;
  /** Pods that use it up now. */
  readonly used?: number;
}
