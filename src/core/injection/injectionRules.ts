import type { FailurePolicy } from "../sidecarSet/sidecarSet.ts";
import type { InjectionRules } from "./injection.ts";

/** Without pods of these namespaces a node cannot become ready. */
export const NODE_NAMESPACES: readonly string[] = ["kube-system", "kube-node-lease"];

export interface InstallationRules {
  /** Where ControllerRevisions live, and the manager itself. Its pods are never injected: the manager must be able to start without itself. */
  readonly systemNamespace: string;
  readonly excludedNamespaces?: readonly string[];
  readonly defaultFailurePolicy?: FailurePolicy;
}

/** What an installation says about all SidecarSets, with what it leaves open filled in. */
export function injectionRules(installation: InstallationRules): Required<InjectionRules> {
  const { systemNamespace, excludedNamespaces = NODE_NAMESPACES, defaultFailurePolicy = "Fail" } = installation;
  return { excludedNamespaces: [...new Set([...excludedNamespaces, systemNamespace])], defaultFailurePolicy };
}
