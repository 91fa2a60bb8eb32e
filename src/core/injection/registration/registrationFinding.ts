import type { FailurePolicy, SidecarSet } from "../../sidecarSet/sidecarSet.ts";
import { type Stop, stopText } from "../../sidecarSet/stopSwitches.ts";
import type { InjectionRules } from "../injection.ts";
import type { RegistrationPlan } from "./planRegistration.ts";
import { conditionsText, podScope } from "./podScope.ts";

/** Whether the pods that a SidecarSet selects come to the webhook, in the form of a condition. */
export interface RegistrationFinding {
  readonly status: "True" | "False";
  readonly reason:
    | "Covered"
    | "Widened"
    | "InjectionPaused"
    | "SelectsNothing"
    | "Excluded"
    | "NotRegistered"
    | "RegistrationStopped";
  readonly message: string;
}

/** @param plan as it is stored, with this set in it */
export function registrationFinding(plan: RegistrationPlan, { name }: SidecarSet): RegistrationFinding {
  const nothing = plan.without.get(name);
  if (nothing) return { status: "False", ...nothing };
  const widened = plan.entries.flatMap((entry) =>
    entry.widened.filter(({ sidecarSets }) => sidecarSets.includes(name)),
  );
  if (widened.length === 0) {
    return { status: "True", reason: "Covered", message: "the pods that it selects are sent to the webhook" };
  }
  const why = widened.map(({ message }) => message).join("; ");
  const message = `the pods that it selects are sent to the webhook, and others, which pass unchanged: ${why}`;
  return { status: "True", reason: "Widened", message };
}

export function notRegistered(error: string): RegistrationFinding {
  return { status: "False", reason: "NotRegistered", message: `the registration cannot be written: ${error}` };
}

export function registrationStopped(stop: Stop): RegistrationFinding {
  const message = `no pod is sent to the webhook: the registration is ${stopText(stop)}`;
  return { status: "False", reason: "RegistrationStopped", message };
}

/** All that a registration depends on in a SidecarSet: as long as the text is the same, so is what was said about it. */
export function registeredSelection(
  set: SidecarSet,
  { excludedNamespaces = [], defaultFailurePolicy }: InjectionRules,
): string {
  const scope = podScope(set, excludedNamespaces);
  if ("reason" in scope) return scope.reason;
  const policy: FailurePolicy | undefined = set.spec.injectionStrategy.failurePolicy ?? defaultFailurePolicy;
  return `${policy ?? "Fail"} ${conditionsText(scope.conditions)}`;
}
