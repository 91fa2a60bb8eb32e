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
const INSTALLED = ["rights.yaml", "manager.yaml", "surroundings.yaml"];

/** Every file by which it is installed, and what is written about them. */
export function installFiles(): Readonly<Record<string, string>> {
  const all = [namespaceObject(), ...objectsOf(["crd.yaml", ...INSTALLED], { namespace: NAMESPACE, values: LITERAL })];
  return {
    "deploy/install.yaml": manifests(all),
    ...kustomizeFiles(),
    ...Object.fromEntries(Object.entries(chartFiles()).map(([path, text]) => [`deploy/chart/${path}`, text])),
    "docs/reference/rights.md": rightsReference(),
    "docs/reference/helm-values.md": valuesReference(),
  };
}

/** The base leaves the namespace open, so that an overlay can choose another one. */
function kustomizeFiles(): Readonly<Record<string, string>> {
  const open = objectsOf(INSTALLED, { namespace: OPEN, values: LITERAL }).map(withoutOpenNamespace);
  const kustomization = { apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization" };
  return {
    "deploy/kustomize/base/crd.yaml": manifests(objectsOf(["crd.yaml"], { namespace: OPEN, values: LITERAL })),
    "deploy/kustomize/base/sidecarset.yaml": manifests(open),
    "deploy/kustomize/base/kustomization.yaml": manifests([
      { ...kustomization, resources: ["crd.yaml", "sidecarset.yaml"] },
    ]),
    "deploy/kustomize/namespace.yaml": manifests([namespaceObject()]),
    "deploy/kustomize/in-namespace.yaml": manifests([namespaceTransformer()]),
    "deploy/kustomize/kustomization.yaml": manifests([
      { ...kustomization, resources: ["base", "namespace.yaml"], transformers: ["in-namespace.yaml"] },
    ]),
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
    fieldSpecs: [
      { path: "metadata/namespace", create: true },
      { path: "spec/rules/subjects/serviceAccount/namespace", kind: "FlowSchema", create: true },
    ],
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
