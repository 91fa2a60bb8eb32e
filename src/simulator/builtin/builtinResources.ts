import type { ResourceDefinition } from "../resourceDefinition.ts";
import { SELF_SUBJECT_ACCESS_REVIEW, SELF_SUBJECT_REVIEW, SELF_SUBJECT_RULES_REVIEW } from "./accessReviews.ts";
import { CONFIG_MAP, CONTROLLER_REVISION, EVENT, LEASE, SECRET, SERVICE_ACCOUNT } from "./configuration.ts";
import { CUSTOM_RESOURCE_DEFINITION } from "./customResourceDefinitions.ts";
import { DAEMON_SET } from "./daemonSets.ts";
import { JOB } from "./jobs.ts";
import { LIMIT_RANGE, RESOURCE_QUOTA } from "./limits.ts";
import { NAMESPACE } from "./namespaces.ts";
import { NODE } from "./nodes.ts";
import { POD } from "./pods.ts";
import { STATEFUL_SET } from "./statefulSets.ts";
import { MUTATING_WEBHOOK_CONFIGURATION, VALIDATING_WEBHOOK_CONFIGURATION } from "./webhookConfigurations.ts";
import { DEPLOYMENT, REPLICA_SET } from "./workloads.ts";

/** All that is served before the first custom resource definition arrives. */
export const BUILTIN_RESOURCES: readonly ResourceDefinition[] = [
  CONFIG_MAP,
  EVENT,
  NAMESPACE,
  NODE,
  POD,
  SECRET,
  SERVICE_ACCOUNT,
  MUTATING_WEBHOOK_CONFIGURATION,
  VALIDATING_WEBHOOK_CONFIGURATION,
  CUSTOM_RESOURCE_DEFINITION,
  CONTROLLER_REVISION,
  DEPLOYMENT,
  REPLICA_SET,
  STATEFUL_SET,
  DAEMON_SET,
  JOB,
  LEASE,
  SELF_SUBJECT_ACCESS_REVIEW,
  SELF_SUBJECT_REVIEW,
  SELF_SUBJECT_RULES_REVIEW,
  LIMIT_RANGE,
  RESOURCE_QUOTA,
];
