import type { FieldError } from "../../result.ts";
import { duplicate, duplicates, forbidden, invalid, invalidIf, notSupported, oneOf, required } from "../fieldErrors.ts";
import { dnsLabelProblem } from "../labelSyntax.ts";
import type { Volume, VolumeMount } from "../pod.ts";
import { type CheckedEnvSource, type CheckedEnvVar, envErrors, envFromErrors } from "./env.ts";
import {
  type CheckedLifecycle,
  type CheckedProbe,
  lifecycleErrors,
  portNameProblem,
  portNumberProblem,
  probeErrors,
} from "./handlers.ts";
import { mountErrors } from "./mounts.ts";
import { type CheckedResources, resourcesErrors } from "./resources.ts";
import { type CheckedSecurityContext, securityContextErrors } from "./securityContext.ts";

/** core/v1 Container as a person wrote it: fields have the right JSON types, nothing more is known. */
export interface CheckedContainer {
  readonly name?: string;
  readonly image?: string;
  readonly imagePullPolicy?: string;
  readonly terminationMessagePolicy?: string;
  readonly restartPolicy?: string;
  readonly ports?: readonly CheckedPort[];
  readonly env?: readonly CheckedEnvVar[];
  readonly envFrom?: readonly CheckedEnvSource[];
  readonly resources?: CheckedResources;
  readonly resizePolicy?: readonly { readonly resourceName?: string; readonly restartPolicy?: string }[];
  readonly volumeMounts?: readonly VolumeMount[];
  readonly volumeDevices?: readonly { readonly name?: string; readonly devicePath?: string }[];
  readonly livenessProbe?: CheckedProbe;
  readonly readinessProbe?: CheckedProbe;
  readonly startupProbe?: CheckedProbe;
  readonly lifecycle?: CheckedLifecycle;
  readonly securityContext?: CheckedSecurityContext;
}

interface CheckedPort {
  readonly name?: string;
  readonly hostPort?: number;
  readonly containerPort?: number;
  readonly protocol?: string;
  readonly hostIP?: string;
}

/** The rules for one container on its own; names of other containers and their host ports are compared elsewhere. */
export function containerErrors(container: CheckedContainer, volumes: readonly Volume[], path: string): FieldError[] {
  const { name = "", image = "" } = container;
  return [
    ...(name === "" ? required(`${path}.name`, "a container needs a name") : []),
    ...(name !== "" ? invalidIf(dnsLabelProblem(name), `${path}.name`, name) : []),
    ...(image === "" ? required(`${path}.image`, "a container needs an image") : []),
    ...(image.trim() !== image ? invalid(`${path}.image`, image, "must not begin or end with blanks") : []),
    ...oneOf(container.imagePullPolicy, ["Always", "IfNotPresent", "Never"], `${path}.imagePullPolicy`),
    ...oneOf(container.terminationMessagePolicy, MESSAGE_POLICIES, `${path}.terminationMessagePolicy`),
    ...portsErrors(container.ports ?? [], `${path}.ports`),
    ...envErrors(container.env ?? [], `${path}.env`),
    ...envFromErrors(container.envFrom ?? [], `${path}.envFrom`),
    ...resourcesErrors(container.resources ?? {}, `${path}.resources`),
    ...mountErrors(container.volumeMounts ?? [], container.volumeDevices ?? [], { volumes, path }),
    ...PROBES.flatMap((kind) => {
      const probe = container[kind];
      return probe ? probeErrors(probe, kind, `${path}.${kind}`) : [];
    }),
    ...(container.lifecycle ? lifecycleErrors(container.lifecycle, `${path}.lifecycle`) : []),
    ...(container.securityContext ? securityContextErrors(container.securityContext, `${path}.securityContext`) : []),
  ];
}

const MESSAGE_POLICIES = ["File", "FallbackToLogsOnError"];
const PROBES = ["livenessProbe", "readinessProbe", "startupProbe"] as const;

/** What only regular containers may not have. */
export function regularContainerErrors(container: CheckedContainer, path: string): FieldError[] {
  return [
    ...(container.restartPolicy === undefined
      ? []
      : forbidden(`${path}.restartPolicy`, "only init containers have a restart policy of their own")),
    ...(container.resizePolicy ?? []).flatMap(({ resourceName, restartPolicy }, index) => [
      ...oneOf(resourceName ?? "", ["cpu", "memory"], `${path}.resizePolicy[${index}].resourceName`),
      ...oneOf(restartPolicy ?? "", RESIZE_POLICIES, `${path}.resizePolicy[${index}].restartPolicy`),
    ]),
  ];
}

const RESIZE_POLICIES = ["NotRequired", "RestartContainer"];

/** What only init containers may not have; native sidecars may have probes and lifecycle hooks. */
export function initContainerErrors(container: CheckedContainer, path: string): FieldError[] {
  const isNativeSidecar = container.restartPolicy === "Always";
  const hooks = (["lifecycle", ...PROBES] as const).filter((field) => container[field] !== undefined);
  return [
    ...oneOf(container.restartPolicy, ["Always"], `${path}.restartPolicy`),
    ...(isNativeSidecar
      ? []
      : hooks.flatMap((field) =>
          forbidden(
            `${path}.${field}`,
            "an init container runs to its end; only one with restartPolicy: Always may have this",
          ),
        )),
    ...((container.resizePolicy ?? []).length > 0
      ? invalid(`${path}.resizePolicy`, container.resizePolicy, "an init container cannot be resized")
      : []),
  ];
}

function portsErrors(ports: readonly CheckedPort[], path: string): FieldError[] {
  return [
    ...ports.flatMap((port, index) => portErrors(port, `${path}[${index}]`)),
    ...duplicates(ports, ({ name }) => name).flatMap((index) =>
      duplicate(`${path}[${index}].name`, ports[index]!.name, "another port of this container has this name"),
    ),
  ];
}

function portErrors({ name, hostPort = 0, containerPort = 0, protocol }: CheckedPort, path: string): FieldError[] {
  return [
    ...(name ? invalidIf(portNameProblem(name), `${path}.name`, name) : []),
    ...(containerPort === 0
      ? required(`${path}.containerPort`, "give the port")
      : invalidIf(portNumberProblem(containerPort), `${path}.containerPort`, containerPort)),
    ...(hostPort === 0 ? [] : invalidIf(portNumberProblem(hostPort), `${path}.hostPort`, hostPort)),
    ...(protocol === undefined || PROTOCOLS.includes(protocol)
      ? []
      : notSupported(`${path}.protocol`, protocol, PROTOCOLS)),
  ];
}

const PROTOCOLS = ["TCP", "UDP", "SCTP"];
