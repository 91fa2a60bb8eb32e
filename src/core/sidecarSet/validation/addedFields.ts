import {
  atLeast,
  duplicate,
  duplicates,
  invalid,
  invalidIf,
  notSupported,
  oneOf,
  required,
} from "../../kube/fieldErrors.ts";
import type { IntOrPercent } from "../../kube/intOrPercent.ts";
import { qualifiedNameProblem } from "../../kube/labelSyntax.ts";
import { envNameProblem } from "../../kube/podTemplate/env.ts";
import type { FieldError } from "../../result.ts";
import { ALTERNATIVE_VERSION_ENV, INJECTED_ENV, VERSION_ENV } from "../annotations.ts";
import { overriddenVariable, overrideAnnotation } from "../overrideAnnotation.ts";
import type { CheckedSpec } from "./proposal.ts";
import { stepErrors } from "./steps.ts";
import { amountErrors } from "./updateStrategy.ts";

/**
 * The fields that OpenKruise does not have. A cluster's schema refuses some of these values too; offline there is none. No object can
 * have been stored with a wrong one, so that these rules are always strict.
 */
export function addedFieldErrors(spec: CheckedSpec): FieldError[] {
  return [
    ...injectionErrors(spec.injectionStrategy ?? {}),
    ...updateErrors(spec.updateStrategy),
    ...stepErrors(spec.updateStrategy),
    ...(["containers", "initContainers"] as const).flatMap((list) =>
      (spec[list] ?? []).flatMap(({ name, podOverrides = [] }, index) =>
        overrideErrors(name, podOverrides, `spec.${list}[${index}].podOverrides`),
      ),
    ),
  ];
}

type InjectionStrategy = NonNullable<CheckedSpec["injectionStrategy"]>;

function injectionErrors({ failurePolicy, optOut, engine, repair }: InjectionStrategy): FieldError[] {
  const path = "spec.injectionStrategy";
  return [
    ...oneOf(failurePolicy, ["Fail", "Ignore"], `${path}.failurePolicy`),
    ...oneOf(optOut, ["Allow", "Deny"], `${path}.optOut`),
    ...oneOf(engine, ["Webhook", "AdmissionPolicy"], `${path}.engine`),
    ...oneOf(repair, ["None", "Evict"], `${path}.repair`),
  ];
}

function updateErrors(strategy: CheckedSpec["updateStrategy"]): FieldError[] {
  const { maxUnavailablePerOwner, nonImageChange, resourceChange, onFailure, podGates = [], imagePrePull } = strategy;
  const path = "spec.updateStrategy";
  return [
    ...(maxUnavailablePerOwner === undefined
      ? []
      : amountErrors(maxUnavailablePerOwner, `${path}.maxUnavailablePerOwner`)),
    ...oneOf(nonImageChange, ["Skip", "Recreate"], `${path}.nonImageChange`),
    ...oneOf(resourceChange, ["Skip", "Resize"], `${path}.resourceChange`),
    ...(onFailure ? failureErrors(onFailure, `${path}.onFailure`) : []),
    ...atLeast(1, strategy.progressDeadlineSeconds, `${path}.progressDeadlineSeconds`),
    ...atLeast(0, strategy.minReadySeconds, `${path}.minReadySeconds`),
    ...podGates.flatMap((gate, index) => invalidIf(qualifiedNameProblem(gate), `${path}.podGates[${index}]`, gate)),
    ...listedTwice(podGates, `${path}.podGates`),
    ...atLeast(1, imagePrePull?.parallelism, `${path}.imagePrePull.parallelism`),
  ];
}

type OnFailure = NonNullable<CheckedSpec["updateStrategy"]["onFailure"]>;

function failureErrors({ action, maxFailed = 1 }: OnFailure, path: string): FieldError[] {
  const isNone = typeof maxFailed === "number" ? maxFailed === 0 : /^0+%$/.test(maxFailed);
  return [
    ...(action
      ? oneOf(action, ["Continue", "Pause", "Rollback"], `${path}.action`)
      : required(`${path}.action`, "say what is done: Continue, Pause or Rollback")),
    ...(isNone ? noFailure(maxFailed, `${path}.maxFailed`) : amountErrors(maxFailed, `${path}.maxFailed`)),
  ];
}

function noFailure(maxFailed: IntOrPercent, path: string): FieldError[] {
  return invalid(
    path,
    maxFailed,
    "the action would be taken before any pod has failed; must be 1 or more, or 1% or more",
  );
}

function overrideErrors(container: string, overrides: readonly string[], path: string): FieldError[] {
  return [
    ...overrides.flatMap((what, index) => {
      const field = `${path}[${index}]`;
      const variable = overriddenVariable(what);
      if (variable === undefined && what !== "imageTag" && what !== "resources") {
        return notSupported(field, what, ["imageTag", "resources", "env:NAME"]);
      }
      const problem = variable === undefined ? undefined : variableProblem(variable);
      return invalidIf(problem ?? annotationProblem(overrideAnnotation(container, what)), field, what);
    }),
    ...listedTwice(overrides, path),
  ];
}

function variableProblem(variable: string): string | undefined {
  if (OURS.has(variable)) return `${variable} tells sidecars about themselves`;
  const problem = envNameProblem(variable);
  return problem && `after env: the name of a variable is expected: ${problem}`;
}

const OURS: ReadonlySet<string> = new Set([INJECTED_ENV.name, VERSION_ENV, ALTERNATIVE_VERSION_ENV]);

/** A pod says it with an annotation, whose key has its own rules. */
function annotationProblem(key: string): string | undefined {
  const problem = qualifiedNameProblem(key);
  return problem && `no pod could have the annotation ${key}: ${problem}`;
}

function listedTwice(texts: readonly string[], path: string): FieldError[] {
  return duplicates(texts, (text) => text).flatMap((index) =>
    duplicate(`${path}[${index}]`, texts[index], "it is listed already"),
  );
}
