import { POD_MESSAGES } from "./podMessages.ts";

/**
 * Messages that kubectl sends as protobuf (its typed `create` commands and evictions) and those that are answered, by field number.
 * Kubernetes' published protobuf definitions say which number is which field; what is not listed here is refused, never dropped.
 */
type FieldType =
  | "text"
  | "bytes"
  | "integer"
  | "flag"
  | "time"
  | "quantity"
  | "intOrText"
  /** Bytes that are JSON. */
  | "json"
  | "map"
  | "bytesMap"
  | "quantityMap"
  | MessageName;
export interface Field {
  /** `*`: the fields of this message are among those of the object that holds it. */
  readonly name: string;
  readonly type: FieldType;
  readonly repeated: boolean;
  /** Marked by `!`: a zero that was sent was meant. Other zeros are Go's way of saying nothing. */
  readonly keepsZero: boolean;
}
export type MessageName = keyof typeof FIELDS;

const FIELDS = {
  ...POD_MESSAGES,
  Quantity: "1 string",
  IntOrString: "1 type:integer, 2 intVal:integer, 3 strVal",
  FieldsV1: "1 raw",
  Namespace: "1 metadata:ObjectMeta, 2 spec:NamespaceSpec, 3 status:NamespaceStatus",
  NamespaceSpec: "1 finalizers:text[]",
  NamespaceStatus: "1 phase",
  ConfigMap: "1 metadata:ObjectMeta, 4 immutable:flag!, 2 data:map, 3 binaryData:bytesMap",
  Secret: "1 metadata:ObjectMeta, 5 immutable:flag!, 2 data:bytesMap, 4 stringData:map, 3 type",
  ServiceAccount:
    "1 metadata:ObjectMeta, 3 imagePullSecrets:LocalObjectReference[], 4 automountServiceAccountToken:flag!",
  Deployment: "1 metadata:ObjectMeta, 2 spec:DeploymentSpec, 3 status:DeploymentStatus",
  DeploymentSpec:
    "1 replicas:integer!, 2 selector:LabelSelector, 3 template:PodTemplateSpec, 4 strategy:DeploymentStrategy, 5 minReadySeconds:integer, 6 revisionHistoryLimit:integer!, 7 paused:flag, 9 progressDeadlineSeconds:integer!",
  DeploymentStrategy: "1 type",
  DeploymentStatus:
    "1 observedGeneration:integer, 2 replicas:integer, 3 updatedReplicas:integer, 4 availableReplicas:integer, 5 unavailableReplicas:integer, 7 readyReplicas:integer",
  Job: "1 metadata:ObjectMeta, 2 spec:JobSpec, 3 status:JobStatus",
  JobSpec:
    "1 parallelism:integer!, 2 completions:integer!, 3 activeDeadlineSeconds:integer!, 4 selector:LabelSelector, 5 manualSelector:flag!, 6 template:PodTemplateSpec, 7 backoffLimit:integer!, 8 ttlSecondsAfterFinished:integer!, 9 completionMode, 10 suspend:flag!",
  JobStatus: "4 active:integer, 5 succeeded:integer, 6 failed:integer, 7 completedIndexes",
  PodTemplateSpec: "1 metadata:ObjectMeta, 2 spec:PodSpec",
  SelfSubjectReview: "1 metadata:ObjectMeta, 2 status:SelfSubjectReviewStatus",
  SelfSubjectAccessReview: "1 metadata:ObjectMeta, 2 spec:SelfSubjectAccessReviewSpec, 3 status:AccessReviewStatus",
  SelfSubjectAccessReviewSpec: "1 resourceAttributes:ResourceAttributes, 2 nonResourceAttributes:NonResourceAttributes",
  SelfSubjectRulesReview: "1 metadata:ObjectMeta, 2 spec:SelfSubjectRulesReviewSpec, 3 status:SubjectRulesReviewStatus",
  SubjectRulesReviewStatus:
    "1 resourceRules:ResourceRule[], 2 nonResourceRules:NonResourceRule[], 3 incomplete:flag, 4 evaluationError",
  ResourceRule: "1 verbs:text[], 2 apiGroups:text[], 3 resources:text[], 4 resourceNames:text[]",
  NonResourceRule: "1 verbs:text[], 2 nonResourceURLs:text[]",
  SelfSubjectRulesReviewSpec: "1 namespace",
  ResourceAttributes: "1 namespace, 2 verb, 3 group, 4 version, 5 resource, 6 subresource, 7 name",
  NonResourceAttributes: "1 path, 2 verb",
  SelfSubjectReviewStatus: "1 userInfo:UserInfo",
  UserInfo: "1 username, 2 uid, 3 groups:text[]",
  AccessReviewStatus: "1 allowed:flag, 2 reason, 3 evaluationError, 4 denied:flag",
  Eviction: "1 metadata:ObjectMeta, 2 deleteOptions:DeleteOptions",
  DeleteOptions:
    "1 gracePeriodSeconds:integer!, 2 preconditions:Preconditions, 3 orphanDependents:flag!, 4 propagationPolicy, 5 dryRun:text[]",
  Preconditions: "1 uid, 2 resourceVersion",
} as const;

const parsed = new Map<MessageName, ReadonlyMap<number, Field>>();

export function isMessage(name: string): name is MessageName {
  return Object.hasOwn(FIELDS, name);
}

/** Its fields by number, in ascending order. */
export function fieldsOf(message: MessageName): ReadonlyMap<number, Field> {
  let fields = parsed.get(message);
  if (!fields) {
    const lines = (FIELDS[message] as string).split(", ").filter((line) => line !== "");
    fields = new Map(lines.map(parseField));
    parsed.set(message, fields);
  }
  return fields;
}

function parseField(line: string): [number, Field] {
  const [number, declaration] = line.split(" ");
  const [name, type = "text"] = declaration!.split(":");
  const repeated = type.endsWith("[]");
  const keepsZero = type.endsWith("!");
  return [Number(number), { name: name!, type: type.replace(/\[\]$|!$/, "") as FieldType, repeated, keepsZero }];
}
