import { describe, expect, it } from "vitest";
import type { ObjectMeta } from "../kube/object.ts";
import { gitOpsOwner } from "./gitOpsOwner.ts";

function owner(metadata: ObjectMeta) {
  return gitOpsOwner({ apiVersion: "apps.kruise.io/v1beta1", kind: "SidecarSet", metadata })?.who;
}

describe("who owns a SidecarSet in Git", () => {
  it.each<[string, ObjectMeta, string | undefined]>([
    [
      "Argo CD's tracking id names the application, with its namespace before an underscore",
      { annotations: { "argocd.argoproj.io/tracking-id": "platform_logging:apps.kruise.io/SidecarSet:/log-agent" } },
      "Argo CD application platform/logging",
    ],
    [
      "so does its own instance label",
      { labels: { "argocd.argoproj.io/instance": "logging" } },
      "Argo CD application logging",
    ],
    [
      "Flux names the Kustomization",
      {
        labels: { "kustomize.toolkit.fluxcd.io/name": "infra", "kustomize.toolkit.fluxcd.io/namespace": "flux-system" },
      },
      "Flux Kustomization flux-system/infra",
    ],
    [
      "or the HelmRelease",
      { labels: { "helm.toolkit.fluxcd.io/name": "logs", "helm.toolkit.fluxcd.io/namespace": "ops" } },
      "Flux HelmRelease ops/logs",
    ],
    ["a field manager is enough", { managedFields: [{ manager: "argocd-controller" }] }, "Argo CD"],
    [
      "Helm is told of as well",
      { annotations: { "meta.helm.sh/release-name": "logs", "meta.helm.sh/release-namespace": "ops" } },
      "Helm release ops/logs",
    ],
    [
      "the instance label that everybody writes proves nothing",
      { labels: { "app.kubernetes.io/instance": "logs" }, managedFields: [{ manager: "kubectl-edit" }] },
      undefined,
    ],
  ])("%s", (_name, metadata, who) => {
    expect(owner(metadata)).toBe(who);
  });
});
