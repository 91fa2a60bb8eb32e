import { applyResourcesPolicy } from "../../../src/core/injection/resourcesPolicy.ts";
import type { Json, JsonObject } from "../../../src/core/kube/object.ts";
import type { Pod } from "../../../src/core/kube/pod.ts";
import { formatQuantity, parseQuantity } from "../../../src/core/kube/quantity.ts";
import {
  type ComputedResource,
  checkExpression,
  evaluateExpression,
} from "../../../src/core/sidecarSet/resourceExpression.ts";
import type { SidecarContainer } from "../../../src/core/sidecarSet/sidecarSet.ts";
import { compileGoPattern } from "../../../src/webhook/goPattern.ts";
import { compare, type Judge } from "../judge.ts";

/** Of errors it matters only that there is one. */
export const resourceExpression: Judge = ({ input, expected }) => {
  const ours = input.kind === "policy" ? policyResult(input) : expressionResult(input);
  return compare(ours, withoutErrorTexts(expected));
};

function policyResult(input: JsonObject): JsonObject {
  const resources = applyResourcesPolicy({
    pod: input.pod as unknown as Pod,
    sidecar: input.sidecarContainer as unknown as SidecarContainer,
    otherSidecarNames: (input.otherSidecarNames ?? []) as readonly string[],
    compilePattern: compileGoPattern,
  });
  return resources.ok ? { resources: resources.value } : { error: "refused" };
}

function expressionResult({ expr, value }: JsonObject): JsonObject {
  const text = expr as string;
  const check = (resource: ComputedResource) => (checkExpression(text, resource).ok ? null : "refused");
  return { ...evaluated(text, value as string), validation: { cpu: check("cpu"), memory: check("memory") } };
}

/** The cases tell by the text which variable is bound. */
function evaluated(text: string, value: string | undefined): JsonObject {
  if (text === "") return { unlimited: true };
  const amount = parseQuantity(value || "0");
  if (!amount.ok) throw new Error(amount.error);
  const result = evaluateExpression(text, text.includes("memory") ? "memory" : "cpu", amount.value);
  return result.ok ? { quantity: formatQuantity(result.value) } : { error: "refused" };
}

function withoutErrorTexts(expected: JsonObject): Json {
  const { error, validation, ...rest } = expected;
  const { cpu, memory } = (validation ?? {}) as JsonObject;
  const refused = (message: Json | undefined) => (message === null ? null : "refused");
  return {
    ...rest,
    ...(error !== undefined && { error: "refused" }),
    ...(validation !== undefined && { validation: { cpu: refused(cpu), memory: refused(memory) } }),
  };
}
