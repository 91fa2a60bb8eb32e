import { isJsonObject, type KubeObject } from "../kube/object.ts";

/** A tool that brings an object back to what is written elsewhere, so that edits in the cluster do not last. */
export interface GitOpsOwner {
  /** `Argo CD application platform/logging` */
  readonly who: string;
  /** What becomes of an edit in the cluster. */
  readonly fate: string;
}

/**
 * By the marks that these tools leave: Argo CD's tracking id or instance label, Flux' labels of a Kustomization or HelmRelease, Helm's
 * release annotations, and their field managers.
 * @returns undefined when nothing tells of an owner
 */
export function gitOpsOwner({ metadata }: KubeObject): GitOpsOwner | undefined {
  const { labels = {}, annotations = {}, managedFields = [] } = metadata;
  const tracked = annotations["argocd.argoproj.io/tracking-id"]?.split(":")[0] ?? labels["argocd.argoproj.io/instance"];
  if (tracked) return { who: `Argo CD application ${tracked.replace("_", "/")}`, fate: IS_REVERTED };
  for (const [kind, prefix] of FLUX) {
    const name = labels[`${prefix}/name`];
    if (name) return { who: `Flux ${kind} ${labels[`${prefix}/namespace`] ?? ""}/${name}`, fate: IS_REVERTED };
  }
  const managers = new Set(managedFields.map((entry) => (isJsonObject(entry) ? entry.manager : undefined)));
  const manager = MANAGERS.find(([name]) => managers.has(name));
  if (manager) return { who: manager[1], fate: IS_REVERTED };
  const release = annotations["meta.helm.sh/release-name"];
  if (!release) return undefined;
  const namespace = annotations["meta.helm.sh/release-namespace"] ?? "";
  return {
    who: `Helm release ${namespace}/${release}`,
    fate: "the next upgrade of the release may take this edit back",
  };
}

const IS_REVERTED = "this edit will be reverted";

const FLUX = [
  ["Kustomization", "kustomize.toolkit.fluxcd.io"],
  ["HelmRelease", "helm.toolkit.fluxcd.io"],
] as const;

/** Field manager → its owner's name, where no mark tells more. */
const MANAGERS = [
  ["argocd-controller", "Argo CD"],
  ["argocd-application-controller", "Argo CD"],
  ["kustomize-controller", "Flux"],
  ["helm-controller", "Flux"],
] as const;
