import { stringify } from "yaml";

/** The Lua scripts of deploy/argocd, as Argo CD takes them. */
export interface ArgocdScripts {
  readonly health: string;
  readonly discovery: string;
  /** By the name of the action. */
  readonly actions: Readonly<Record<string, string>>;
}

/**
 * The ConfigMap `argocd-cm` with nothing but our entries, to be merged into the one of the installation. The keys are Argo CD's:
 * `resource.customizations.<what>.<group>_<kind>`, the actions a text of YAML.
 */
export function argocdConfigMap({ health, discovery, actions }: ArgocdScripts): string {
  const definitions = Object.entries(actions).map(([name, script]) => ({ name, "action.lua": script }));
  return text({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: "argocd-cm",
      namespace: "argocd",
      labels: { "app.kubernetes.io/name": "argocd-cm", "app.kubernetes.io/part-of": "argocd" },
    },
    data: {
      "resource.customizations.health.apps.kruise.io_SidecarSet": health,
      "resource.customizations.actions.apps.kruise.io_SidecarSet": text({
        "discovery.lua": discovery,
        definitions,
      }),
    },
  });
}

function text(object: object): string {
  return stringify(object, { blockQuote: "literal", lineWidth: 0 });
}
