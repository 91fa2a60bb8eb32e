import type { KubeObject } from "../../core/kube/object.ts";

const COUNT = { type: "integer", format: "int32" };
const COUNT_OR_PERCENT = { "x-kubernetes-int-or-string": true };
const OPEN = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
const text = { type: "string" };

/**
 * The part of OpenKruise's CloneSet that the embedded cluster acts on. What it does not act on is no field of it, and is refused or
 * dropped as such; pods are made anew, never updated in place by it.
 */
export const CLONE_SET_DEFINITION: KubeObject & { readonly spec: object } = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "clonesets.apps.kruise.io" },
  spec: {
    group: "apps.kruise.io",
    scope: "Namespaced",
    names: {
      plural: "clonesets",
      singular: "cloneset",
      kind: "CloneSet",
      listKind: "CloneSetList",
      shortNames: ["clone"],
    },
    versions: [
      {
        name: "v1alpha1",
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: {
            specReplicasPath: ".spec.replicas",
            statusReplicasPath: ".status.replicas",
            labelSelectorPath: ".status.labelSelector",
          },
        },
        additionalPrinterColumns: [
          { name: "DESIRED", type: "integer", jsonPath: ".spec.replicas" },
          { name: "UPDATED", type: "integer", jsonPath: ".status.updatedReplicas" },
          { name: "UPDATED_READY", type: "integer", jsonPath: ".status.updatedReadyReplicas" },
          { name: "READY", type: "integer", jsonPath: ".status.readyReplicas" },
          { name: "TOTAL", type: "integer", jsonPath: ".status.replicas" },
          { name: "AGE", type: "date", jsonPath: ".metadata.creationTimestamp" },
        ],
        schema: {
          openAPIV3Schema: {
            type: "object",
            required: ["spec"],
            properties: {
              apiVersion: text,
              kind: text,
              metadata: { type: "object" },
              spec: {
                type: "object",
                required: ["selector", "template"],
                properties: {
                  replicas: { ...COUNT, minimum: 0, default: 1 },
                  minReadySeconds: { ...COUNT, minimum: 0 },
                  selector: OPEN,
                  template: OPEN,
                  updateStrategy: {
                    type: "object",
                    properties: {
                      type: { type: "string", enum: ["ReCreate"] },
                      partition: COUNT_OR_PERCENT,
                      maxUnavailable: COUNT_OR_PERCENT,
                      paused: { type: "boolean" },
                    },
                  },
                },
              },
              status: OPEN,
            },
          },
        },
      },
    ],
  },
};
