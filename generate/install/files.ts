import { stringify } from "yaml";
import type { JsonObject } from "../../src/core/kube/object.ts";
import { chartFiles } from "./chartFiles.ts";
import { objectsOf } from "./installation.ts";
import { rightsReference } from "./rightsReference.ts";
import { valuesReference } from "./valuesFiles.ts";

const HEADER = "# Generated from generate/install by `npm run generate`; changes here are lost.\n";
const NAMESPACE = "kruise-system";
/** Helm's annotation has no meaning elsewhere. */
const LITERAL = { crds: { keep: false } } satisfies JsonObject;
const NAMESPACED = ["rights.yaml", "manager.yaml", "surroundings.yaml"];
const INSTALLED = ["crd.yaml", ...NAMESPACED, "flow-control.yaml"];

/** Every file by which it is installed, and what is written about them. */
export function installFiles(): Readonly<Record<string, string>> {
  return {
    "deploy/install.yaml": manifests([namespaceObject(), ...inNamespace(INSTALLED)]),
    ...kustomizeFiles(),
    ...Object.fromEntries(Object.entries(chartFiles()).map(([path, text]) => [`deploy/chart/${path}`, text])),
    "docs/reference/rights.md": rightsReference(),
    "docs/reference/helm-values.md": valuesReference(),
  };
}

function inNamespace(templates: readonly string[]): readonly JsonObject[] {
  return objectsOf(templates, { namespace: NAMESPACE, values: LITERAL });
}

/** The base leaves the namespace open, so that an overlay can choose another one. Kustomize does not know that flow control is cluster-wide. */
function kustomizeFiles(): Readonly<Record<string, string>> {
  const open = objectsOf(NAMESPACED, { namespace: OPEN, values: LITERAL }).map(withoutOpenNamespace);
  const kustomization = (content: JsonObject): string =>
    manifests([{ apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", ...content }]);
  return {
    "deploy/kustomize/kustomization.yaml": kustomization({
      resources: ["in-namespace", "namespace.yaml", "flow-control.yaml"],
    }),
    "deploy/kustomize/namespace.yaml": manifests([namespaceObject()]),
    "deploy/kustomize/flow-control.yaml": manifests(inNamespace(["flow-control.yaml"])),
    "deploy/kustomize/in-namespace/kustomization.yaml": kustomization({
      resources: ["../base"],
      transformers: ["namespace.yaml"],
    }),
    "deploy/kustomize/in-namespace/namespace.yaml": manifests([namespaceTransformer()]),
    "deploy/kustomize/base/kustomization.yaml": kustomization({ resources: ["crd.yaml", "sidecarset.yaml"] }),
    "deploy/kustomize/base/crd.yaml": manifests(inNamespace(["crd.yaml"])),
    "deploy/kustomize/base/sidecarset.yaml": manifests(open),
  };
}

const OPEN = "";

function withoutOpenNamespace(object: JsonObject): JsonObject {
  return JSON.parse(
    JSON.stringify(object, (key, value) => (key === "namespace" && value === OPEN ? undefined : value)),
  );
}

/** Everything that has no namespace yet; the Events stay in `default`. */
function namespaceTransformer(): JsonObject {
  return {
    apiVersion: "builtin",
    kind: "NamespaceTransformer",
    metadata: { name: "in-namespace", namespace: NAMESPACE },
    unsetOnly: true,
    setRoleBindingSubjects: "allServiceAccounts",
    fieldSpecs: [{ path: "metadata/namespace", create: true }],
  };
}

/** With the strictest pod security, which managers keep. */
function namespaceObject(): JsonObject {
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  return { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE, labels } };
}

function manifests(objects: readonly JsonObject[]): string {
  return HEADER + objects.map((object) => stringify(object, { lineWidth: 140 })).join("---\n");
}
