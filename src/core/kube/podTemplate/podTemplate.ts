import type { FieldError } from "../../result.ts";
import { duplicate } from "../fieldErrors.ts";
import type { Volume } from "../pod.ts";
import { type CheckedContainer, containerErrors, initContainerErrors, regularContainerErrors } from "./container.ts";
import { volumesErrors } from "./volumes.ts";

export interface PodTemplate {
  readonly containers: readonly CheckedContainer[];
  readonly initContainers: readonly CheckedContainer[];
  readonly volumes: readonly Volume[];
}

/**
 * What the API server would refuse in a pod made of these parts: every pod would be refused with the same words, so they are
 * better said once. Mounts must be of volumes that are among the parts.
 */
export function podTemplateErrors(template: PodTemplate, path: string): FieldError[] {
  const { containers, initContainers, volumes } = template;
  return [
    ...volumesErrors(volumes, `${path}.volumes`),
    ...containers.flatMap((container, index) => [
      ...containerErrors(container, volumes, `${path}.containers[${index}]`),
      ...regularContainerErrors(container, `${path}.containers[${index}]`),
    ]),
    ...initContainers.flatMap((container, index) => [
      ...containerErrors(container, volumes, `${path}.initContainers[${index}]`),
      ...initContainerErrors(container, `${path}.initContainers[${index}]`),
    ]),
    ...repeated(namesOf(template, path), "another container has this name"),
    ...repeated(hostPortsOf(containers, path), "another port of the pod takes this port of the node"),
  ];
}

interface Claim {
  readonly key: string;
  readonly field: string;
}

function namesOf({ containers, initContainers }: PodTemplate, path: string): Claim[] {
  const claims = (list: readonly CheckedContainer[], name: string) =>
    list.map((container, index) => ({ key: container.name ?? "", field: `${path}.${name}[${index}].name` }));
  return [...claims(containers, "containers"), ...claims(initContainers, "initContainers")];
}

function hostPortsOf(containers: readonly CheckedContainer[], path: string): Claim[] {
  return containers.flatMap(({ ports = [] }, container) =>
    ports.flatMap(({ hostPort = 0, protocol = "TCP", hostIP = "" }, port) => {
      const field = `${path}.containers[${container}].ports[${port}].hostPort`;
      return hostPort === 0 ? [] : [{ key: [protocol, hostIP, hostPort].join("/"), field }];
    }),
  );
}

function repeated(claims: readonly Claim[], detail: string): FieldError[] {
  const seen = new Set<string>();
  return claims.flatMap(({ key, field }) => {
    if (key === "") return [];
    if (seen.has(key)) return duplicate(field, key, detail);
    seen.add(key);
    return [];
  });
}
