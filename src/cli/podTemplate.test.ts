import { describe, expect, it } from "vitest";
import type { KubeObject } from "../core/kube/object.ts";
import { podPath, podTemplateOf, withPodTemplate } from "./podTemplate.ts";

const template = { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "a" }] } };
const workload = { spec: { template } };
const jobTemplate = workload;

describe("where objects describe their pods", () => {
  it.each([
    ["v1", "Pod", { spec: template.spec }, ""],
    ["v1", "PodTemplate", { template }, "template"],
    ["v1", "ReplicationController", workload, "spec.template"],
    ["apps/v1", "Deployment", workload, "spec.template"],
    ["apps/v1", "ReplicaSet", workload, "spec.template"],
    ["apps/v1", "StatefulSet", workload, "spec.template"],
    ["apps/v1", "DaemonSet", workload, "spec.template"],
    ["batch/v1", "Job", workload, "spec.template"],
    ["batch/v1beta1", "CronJob", { spec: { jobTemplate } }, "spec.jobTemplate.spec.template"],
    ["apps.kruise.io/v1alpha1", "CloneSet", workload, "spec.template"],
    ["apps.kruise.io/v1beta1", "StatefulSet", workload, "spec.template"],
    ["apps.kruise.io/v1alpha1", "DaemonSet", workload, "spec.template"],
    ["apps.kruise.io/v1alpha1", "BroadcastJob", workload, "spec.template"],
    [
      "apps.kruise.io/v1alpha1",
      "AdvancedCronJob",
      { spec: { template: { jobTemplate } } },
      "spec.template.jobTemplate.spec.template",
    ],
    [
      "apps.kruise.io/v1alpha1",
      "AdvancedCronJob",
      { spec: { template: { broadcastJobTemplate: jobTemplate } } },
      "spec.template.broadcastJobTemplate.spec.template",
    ],
    [
      "apps.kruise.io/v1alpha1",
      "UnitedDeployment",
      { spec: { template: { cloneSetTemplate: workload } } },
      "spec.template.cloneSetTemplate.spec.template",
    ],
    ["argoproj.io/v1alpha1", "Rollout", workload, "spec.template"],
    ["example.com/v1", "Fleet", workload, "spec.template"],
    ["example.com/v1", "Periodic", { spec: { jobTemplate } }, "spec.jobTemplate.spec.template"],
    ["extensions/v1beta1", "Deployment", workload, "spec.template"],
  ])("%s %s", (apiVersion, kind, fields, expected) => {
    const object = anObject(apiVersion, kind, fields);
    const path = podPath(object);
    expect(path?.join(".")).toBe(expected);
    expect(podTemplateOf(object, path!)).toEqual(kind === "Pod" ? object : template);
    const other = { metadata: {}, spec: { containers: [] } };
    expect(podTemplateOf(withPodTemplate(object, path!, other), path!)).toEqual(other);
  });

  it.each([
    ["argoproj.io/v1alpha1", "Rollout", { spec: { workloadRef: { kind: "Deployment", name: "web" } } }],
    ["external-secrets.io/v1", "ExternalSecret", { spec: { template: { data: {} } } }],
    ["batch.volcano.sh/v1alpha1", "Job", { spec: { tasks: [{ template }] } }],
    ["cluster.x-k8s.io/v1beta1", "MachineDeployment", { spec: { template: { spec: { version: "v1.34.0" } } } }],
    ["v1", "Service", { spec: { ports: [] } }],
  ])("not %s %s", (apiVersion, kind, fields) => {
    expect(podPath(anObject(apiVersion, kind, fields))).toBeUndefined();
  });

  it("of a kind that must have pods also where they are missing, so that this can be told", () => {
    expect(podPath(anObject("apps/v1", "Deployment", { spec: {} }))).toEqual(["spec", "template"]);
    expect(podTemplateOf(anObject("apps/v1", "Deployment", { spec: {} }), ["spec", "template"])).toBeUndefined();
  });

  it("with metadata where the template has none", () => {
    const bare = anObject("batch/v1", "Job", { spec: { template: { spec: { containers: [] } } } });
    expect(podTemplateOf(bare, ["spec", "template"])).toEqual({ metadata: {}, spec: { containers: [] } });
  });
});

function anObject(apiVersion: string, kind: string, fields: object): KubeObject {
  return { apiVersion, kind, metadata: { name: "x" }, ...fields };
}
