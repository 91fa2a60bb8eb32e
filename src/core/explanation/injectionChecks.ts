import {
  compileRequirements,
  compileSelectorOnce,
  formatRequirement,
  type LabelSelector,
  type Labels,
} from "../kube/labelSelector.ts";
import { optOutMark } from "../pod/optOut.ts";
import type { PodFacts } from "../rollout/podFacts.ts";
import { INJECT_MARK, MIRROR_ANNOTATION, NAMESPACE_NAME_LABEL, SKIP_ANNOTATION } from "../sidecarSet/annotations.ts";
import { STOP_SWITCHES, stopText } from "../sidecarSet/stopSwitches.ts";
import {
  type ExplainedPod,
  labelNamespace,
  type Marks,
  marksToMeet,
  patchSidecarSet,
  recreate,
  recreateMarked,
  resume,
  sequence,
  setSwitch,
  untilRegistered,
} from "./commands.ts";
import type { Check } from "./explanation.ts";
import type { InjectionCode } from "./reasonNames.ts";
import type { OpenedSet, World } from "./world.ts";

/** Of whom something is asked. */
export interface Asked {
  readonly pod: ExplainedPod;
  readonly facts: PodFacts;
  readonly opened: OpenedSet;
  readonly world: World;
  /** What an injection that is impossible stumbles over. */
  readonly field: string | undefined;
  readonly message: string | undefined;
}

interface InjectionCheck {
  readonly code: InjectionCode;
  readonly check: string;
  /** Also asked of a pod that has the sidecars; the others are about why one has none. */
  readonly ofInjected?: true;
  readonly look: (asked: Asked) => Pick<Check, "observed" | "expected">;
  /** A command after which the pod, or its successor, has the sidecars. */
  readonly fix?: (asked: Asked) => string | undefined;
  readonly advice?: string;
}

/** In the order in which the engine finds them; the reason itself is found elsewhere. */
export const INJECTION_CHECKS: readonly InjectionCheck[] = [
  {
    code: "I09",
    check: "staticPod",
    ofInjected: true,
    look: ({ facts: { pod } }) => ({
      observed: pod.annotations[MIRROR_ANNOTATION] === undefined ? "an ordinary pod" : "the mirror of a static pod",
      expected: "a pod that the API server creates",
    }),
    advice: "static pods cannot be injected: add the container to the file on the node",
  },
  {
    code: "I05",
    check: "namespace",
    ofInjected: true,
    look: ({ facts: { pod }, world }) => ({
      observed: pod.namespace,
      expected: world.excludedNamespaces.length > 0 ? `none of ${world.excludedNamespaces.join(", ")}` : "any",
    }),
    advice: "the manager's --excluded-namespaces names them; its own namespace is always among them",
  },
  {
    code: "I02",
    check: "namespaceSelector",
    ofInjected: true,
    look: ({ facts: { pod }, opened, world }) => {
      const selector = opened.set.spec.namespaceSelector;
      const labels = world.namespaces.get(pod.namespace);
      return {
        observed: labels === undefined ? "there is no such namespace" : shown(selector, labels) || pod.namespace,
        expected: selector === undefined ? "any namespace" : selectorText(selector),
      };
    },
    fix: ({ pod, facts, opened, world }) => {
      const { namespace } = facts.pod;
      const marks = missing(opened.set.spec.namespaceSelector, world.namespaces.get(namespace));
      if (marks === undefined || NAMESPACE_NAME_LABEL in marks) return undefined;
      return sequence(labelNamespace(namespace, marks), recreate(pod));
    },
    advice: "label the namespace, or widen spec.namespaceSelector; then recreate the pod",
  },
  {
    code: "I01",
    check: "selector",
    ofInjected: true,
    look: ({ facts: { pod }, opened }) => {
      const { selector } = opened.set.spec;
      return {
        observed: shown(selector, pod.labels),
        expected: selector === undefined ? "a spec.selector" : selectorText(selector),
      };
    },
    fix: ({ pod, facts, opened }) => {
      const marks = missing(opened.set.spec.selector, facts.pod.labels);
      return marks && recreateMarked(pod, "labels", marks);
    },
    advice:
      "label the pods by their workload's template, or change spec.selector; pods get sidecars when they are created",
  },
  {
    code: "I12",
    check: "optOut",
    look: ({ facts: { pod }, opened }) => ({
      observed: optOutMark(opened.set, pod) ?? "no mark",
      expected: `no ${INJECT_MARK}=false and no ${SKIP_ANNOTATION} with its name`,
    }),
    fix: ({ pod, facts: { pod: record }, opened }) => {
      if (record.labels[INJECT_MARK] === "false") return recreateMarked(pod, "labels", { [INJECT_MARK]: null });
      if (record.annotations[INJECT_MARK] === "false") {
        return recreateMarked(pod, "annotations", { [INJECT_MARK]: null });
      }
      const others = (record.annotations[SKIP_ANNOTATION] ?? "")
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== "" && name !== opened.set.name);
      return recreateMarked(pod, "annotations", { [SKIP_ANNOTATION]: others.length > 0 ? others.join(",") : null });
    },
    advice: "the pod asks for it; take the mark away and recreate the pod, or set injectionStrategy.optOut: Deny",
  },
  {
    code: "I10",
    check: "containers",
    ofInjected: true,
    look: ({ facts, opened }) => ({
      observed: containersText(facts),
      expected: facts.injected ? opened.rules.sidecarList.join(", ") || "none" : "all containers that its records name",
    }),
    fix: ({ pod }) => recreate(pod),
    advice: "the pod's records say that it was injected: look for another webhook that takes the container away",
  },
  {
    code: "I07",
    check: "canary",
    look: ({ facts, opened }) => {
      const canaries = [...(opened.rules.surroundings.canaries ?? [])];
      const carried = facts.bookkeeping.injectedList.filter((name) => canaries.includes(name));
      return {
        observed: carried.length > 0 ? `the pod carries ${carried.join(", ")}` : "the pod carries none",
        expected: canaries.length > 0 ? `none of its canaries ${canaries.join(", ")}` : "no canary of it",
      };
    },
    advice: "nothing to do: the canary stands in for its base until it is removed",
  },
  {
    code: "I04",
    check: "age",
    look: ({ facts: { pod }, opened }) => ({
      observed: `the pod is of ${timeText(pod.createdAt)}`,
      expected: `younger than the SidecarSet, which is of ${timeText(opened.set.createdAt)}`,
    }),
    fix: ({ pod }) => recreate(pod),
    advice: "pods get sidecars when they are created: recreate it",
  },
  {
    code: "I03",
    check: "injectionStrategy",
    look: ({ opened: { set } }) => {
      const paused = set.status.conditions?.find(({ type }) => type === "Paused");
      const since = paused?.reason === "InjectionPaused" ? ` since ${paused.lastTransitionTime}` : "";
      return {
        observed: set.spec.injectionStrategy.paused ? `injection is paused${since}` : "not paused",
        expected: "not paused",
      };
    },
    fix: ({ pod, opened: { set } }) =>
      sequence(resume(set.name, "injection"), untilRegistered(set.name), recreate(pod)),
    advice: "resume the injection, then recreate the pod",
  },
  {
    code: "I13",
    check: "stopSwitch",
    look: ({ world: { switches } }) => ({
      observed: switches.injection ? `injection is ${stopText(switches.injection)}` : "running",
      expected: `running, in ConfigMap ${STOP_SWITCHES}`,
    }),
    fix: ({ pod, world }) =>
      sequence(setSwitch(world.systemNamespace, STOP_SWITCHES, { injection: "running" }), recreate(pod)),
    advice: "somebody stopped injection for the whole cluster: set the switch back, then recreate the pod",
  },
  {
    code: "I11",
    check: "injectable",
    look: ({ field, message, facts }) => ({
      observed: message ?? (field === undefined ? namesakes(facts) : field),
      expected: "a pod that takes the sidecars without a conflict",
    }),
    fix: ({ field, pod, opened: { set } }) =>
      field?.startsWith("spec.injectionStrategy.revision")
        ? sequence(patchSidecarSet(set.name, { injectionStrategy: { revision: null } }), recreate(pod))
        : undefined,
    advice: "mend the field that is named, then recreate the pod",
  },
  {
    code: "I06",
    check: "webhook",
    look: ({ facts: { pod } }) => ({
      observed: `most likely nobody answered at ${timeText(pod.createdAt)}, when the pod was created; or its labels have changed since`,
      expected: "an answer of the webhook at its creation",
    }),
    fix: ({ pod }) => recreate(pod),
    advice: "recreate the pod; injectionStrategy.failurePolicy: Fail keeps pods from starting without their sidecars",
  },
  {
    code: "I08",
    check: "revision",
    look: ({ facts, opened }) => ({
      observed: facts.carries.controllerRevision || "a revision without a name",
      expected: opened.target,
    }),
    advice: "on purpose, by injectionStrategy.revision",
  },
];

function timeText(time: number | undefined): string {
  return time === undefined ? "an unknown time" : new Date(time).toISOString().replace(".000Z", "Z");
}

/** `app=web,tier in (a,b)`; nothing selects all. */
export function selectorText(selector: LabelSelector): string {
  const compiled = compileSelectorOnce(selector);
  if (!compiled.ok) return `an invalid selector (${compiled.error[0]?.detail})`;
  return compiled.value.requirements.map(formatRequirement).join(",") || "everything";
}

/** The labels that the selector is about: `app=api, no tier`. */
export function shown(selector: LabelSelector | undefined, labels: Labels): string {
  const compiled = selector && compileSelectorOnce(selector);
  if (!compiled?.ok) return "";
  const keys = [...new Set(compiled.value.requirements.map(({ key }) => key))];
  return keys.map((key) => (labels[key] === undefined ? `no ${key}` : `${key}=${labels[key]}`)).join(", ");
}

/** What labels have to become for the selector; undefined where nothing helps. */
export function missing(selector: LabelSelector | undefined, labels: Labels | undefined): Marks | undefined {
  const compiled = selector && compileSelectorOnce(selector);
  if (!compiled?.ok || labels === undefined) return undefined;
  const unmet = compiled.value.requirements.filter(
    (requirement) => !compileRequirements([requirement]).matches(labels),
  );
  return unmet.length === 0 ? undefined : marksToMeet(unmet);
}

function namesakes({ pod, rules }: PodFacts): string {
  const names = new Set(rules.sidecarList);
  const own = [...pod.initContainers, ...pod.containers].filter(({ name }) => names.has(name)).map(({ name }) => name);
  return own.length === 0 ? "no conflict" : `the pod has a container of its own by the name ${own.join(", ")}`;
}

function containersText({ injected, missingContainer }: PodFacts): string {
  if (!injected) return "the pod's records do not name the SidecarSet";
  return missingContainer === undefined ? "all there" : `no container ${missingContainer}`;
}
