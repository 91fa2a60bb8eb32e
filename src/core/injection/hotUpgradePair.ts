import type { Container, EnvVar } from "../kube/pod.ts";
import { hotUpgradeNames } from "../pod/bookkeeping.ts";
import {
  ALTERNATIVE_VERSION_ENV,
  alternativeVersionAnnotation,
  VERSION_ENV,
  versionAnnotation,
} from "../sidecarSet/annotations.ts";
import type { SidecarContainer } from "../sidecarSet/sidecarSet.ts";

/** A working container and its idle twin, which starts with an image that does nothing and takes over at the next upgrade. */
export interface HotUpgradePair {
  readonly base: string;
  readonly containers: readonly [Container, Container];
  /** Where the two read which of them is the newer one. */
  readonly annotations: Readonly<Record<string, string>>;
}

export function hotUpgradePair(container: Container, sidecar: SidecarContainer): HotUpgradePair {
  const { first, second } = hotUpgradeNames(container.name);
  const idleImage = sidecar.upgradeStrategy.hotUpgradeEmptyImage ?? "";
  return {
    base: container.name,
    containers: [
      withVersions({ ...container, name: first }),
      withVersions({ ...container, name: second, image: idleImage }),
    ],
    annotations: {
      [versionAnnotation(first)]: "1",
      [alternativeVersionAnnotation(first)]: "0",
      [versionAnnotation(second)]: "0",
      [alternativeVersionAnnotation(second)]: "1",
    },
  };
}

function withVersions(container: Container): Container {
  return {
    ...container,
    env: [
      ...(container.env ?? []),
      fromAnnotation(VERSION_ENV, versionAnnotation(container.name)),
      fromAnnotation(ALTERNATIVE_VERSION_ENV, alternativeVersionAnnotation(container.name)),
    ],
  };
}

function fromAnnotation(name: string, annotation: string): EnvVar {
  return { name, valueFrom: { fieldRef: { fieldPath: `metadata.annotations['${annotation}']` } } };
}
