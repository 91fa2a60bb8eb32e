import { type ApiObject, fieldAt } from "../apiObject.ts";
import type { CustomResourceDefinition } from "../customResourceDefinition.ts";
import { customResource, withDefinitionDefaults } from "../customResourceDefinition.ts";
import { builtin } from "../resourceDefinition.ts";
import { nameColumn } from "../table/columns.ts";
import { statusOf } from "./statusSubresource.ts";

export const CUSTOM_RESOURCE_DEFINITION = builtin({
  group: "apiextensions.k8s.io",
  version: "v1",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
  namespaced: false,
  shortNames: ["crd", "crds"],
  categories: ["api-extensions"],
  decode: (object) =>
    fieldAt(object, "spec", "names") ? asObject(withDefinitionDefaults(asDefinition(object))) : object,
  columns: [
    nameColumn,
    {
      name: "Created At",
      type: "date",
      description: "Time of creation.",
      priority: 0,
      value: ({ metadata }) => metadata.creationTimestamp ?? null,
    },
  ],
  strategy: {
    unconditionalUpdate: false,
    prepareForCreate: ({ status: _status, ...object }) => object as ApiObject,
    prepareForUpdate: (object, old) => ({ ...object, status: old.status }),
    validateCreate: problems,
    validateUpdate: problems,
    generationOf: (object) => object.spec,
  },
  subresources: { status: statusOf({ metadataToo: true }) },
});

function problems(
  object: ApiObject,
): ReturnType<NonNullable<typeof CUSTOM_RESOURCE_DEFINITION.strategy.validateCreate>> {
  const built = customResource(asDefinition(object));
  return built.ok ? [] : built.error;
}

export function asDefinition(object: ApiObject): CustomResourceDefinition {
  return object as unknown as CustomResourceDefinition;
}

function asObject(definition: CustomResourceDefinition): ApiObject {
  return definition as unknown as ApiObject;
}
