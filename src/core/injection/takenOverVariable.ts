import { isJsonObject, type JsonObject } from "../kube/object.ts";
import type { Container, EnvVar } from "../kube/pod.ts";
import { oncePer } from "../oncePer.ts";

/**
 * A variable of one container as another one has to define it to mean the same: a resource is that of a container, and without a name
 * it would be the other's own. All else stays the same object, and the same variable always becomes the same one.
 */
export function takenOverVariable(variable: EnvVar, from: Container): EnvVar {
  const { valueFrom } = variable;
  if (!isJsonObject(valueFrom)) return variable;
  const { resourceFieldRef } = valueFrom;
  return isJsonObject(resourceFieldRef) && !resourceFieldRef.containerName ? naming(from)(variable) : variable;
}

const naming = oncePer(({ name }: Container) =>
  oncePer((variable: EnvVar): EnvVar => {
    const { resourceFieldRef, ...rest } = variable.valueFrom as { readonly resourceFieldRef: JsonObject };
    return { ...variable, valueFrom: { ...rest, resourceFieldRef: { ...resourceFieldRef, containerName: name } } };
  }),
);
