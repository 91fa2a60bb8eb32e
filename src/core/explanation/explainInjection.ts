import { chooseRevision } from "../injection/chooseRevision.ts";
import type { Injection } from "../injection/injection.ts";
import type { InjectionError } from "../injection/injectionReason.ts";
import { injectPod } from "../injection/injectPod.ts";
import { oncePer } from "../oncePer.ts";
import { podKey, podRecord } from "../pod/podRecord.ts";
import type { Result } from "../result.ts";
import { type PodFacts, podFacts } from "../rollout/podFacts.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import type { ExplainedPod } from "./commands.ts";
import type { Answer, Check } from "./explanation.ts";
import { type Asked, INJECTION_CHECKS } from "./injectionChecks.ts";
import { INJECTION_REASONS, type InjectionCode } from "./reasonNames.ts";
import type { OpenedSet, World } from "./world.ts";

/** What is known of a pod's injection: the reason, and what it says. */
interface Found {
  readonly code: InjectionCode;
  readonly message?: string | undefined;
  /** What has to change, where the injection is impossible. */
  readonly field?: string | undefined;
}

/** Somebody wants it so, or it does not matter. */
const ON_PURPOSE: ReadonlySet<InjectionCode> = new Set(["I01", "I02", "I05", "I07", "I08", "I09", "I12"]);

/**
 * Whether the pod has the sidecars, and why not. What the pod's own records say is certain; why a selected pod was passed over is worked
 * out from the pod and the cluster as they are now.
 */
export function explainInjection(pod: ExplainedPod, opened: OpenedSet, world: World): Answer {
  const record = podRecord(pod.object);
  const facts = podFacts(record, opened.rules);
  const entry = opened.entries.get(podKey(record));
  const own = decide(pod, [opened.set], world);
  const found = findReason();
  const asked: Asked = { pod, facts, opened, world, field: found?.field, message: found?.message };
  if (found === undefined) {
    const names = opened.rules.sidecarList.join(", ");
    const containers = names === "" ? "" : `: ${names}`;
    return answer(asked, undefined, `the pod ${pod.planned ? "would get" : "has"} the sidecars${containers}`);
  }
  return answer(asked, found.code, found.message);

  function findReason(): Found | undefined {
    if (pod.planned) return skipReason(own, opened.set) ?? rejected() ?? skipReason(together(), opened.set);
    if (entry === undefined) return skipReason(own, opened.set) ?? notSelected();
    if (facts.counts || (facts.injected && facts.missingContainer === undefined))
      return otherRevision(pod, facts, world);
    const { uncovered } = entry.report;
    if (uncovered !== "I06") return uncovered === undefined ? undefined : { code: uncovered };
    if (world.switches.injection) return skipReason(own, opened.set) ?? { code: "I13" };
    return rejected() ?? { code: "I06" };
  }

  function rejected(): Found | undefined {
    return rejection(own, opened.set) ?? rejection(together(), opened.set);
  }

  function together(): ReturnType<typeof decide> {
    return decide(pod, world.sidecarSets, world);
  }

  function notSelected(): Found {
    return { code: "I01", message: "the SidecarSet does not select the pod" };
  }
}

function answer(asked: Asked, hit: InjectionCode | undefined, message: string | undefined): Answer {
  const chain: Check[] = [];
  for (const { code, check, ofInjected = false, look, fix, advice } of INJECTION_CHECKS) {
    const isAsked = ofInjected || code === hit || !(hit === undefined || hit === "I08");
    if (!isAsked || (asked.pod.planned && code === "I10")) continue;
    const ok = code !== hit;
    const mending = ok ? undefined : fix?.(asked);
    chain.push({ code, check, ok, ...look(asked), ...(mending !== undefined && { fix: mending }) });
    if (ok) continue;
    return {
      code,
      because: INJECTION_REASONS[code],
      message: message ?? `${chain.at(-1)!.observed}; expected: ${chain.at(-1)!.expected}`,
      finding: !ON_PURPOSE.has(code),
      chain,
      ...(advice !== undefined && { advice }),
    };
  }
  return { code: "", because: "injected", message: message ?? "", finding: false, chain };
}

/** The webhook's own decision, were the pod created now. */
function decide({ object }: ExplainedPod, sidecarSets: readonly SidecarSet[], world: World) {
  const { namespace = "default", name = "" } = object.metadata;
  return injectPod({
    pod: object,
    requestNamespace: namespace,
    namespaceLabels: world.namespaces.get(namespace),
    excludedNamespaces: world.excludedNamespaces,
    // What cannot be injected is to be told with its field, not left out.
    sidecarSets: sidecarSets.map(failing),
    revisions: world.revisions,
    injectionStopped: world.switches.injection,
    now: world.now,
    identity: name,
    compilePattern: world.compilePattern,
  });
}

function skipReason(decision: Result<Injection, InjectionError>, { name }: SidecarSet): Found | undefined {
  if (!decision.ok) return undefined;
  const outcome = decision.value.outcomes.find(({ sidecarSet }) => sidecarSet === name);
  return outcome?.kind === "skipped" ? { code: outcome.reason.code, message: outcome.reason.message } : undefined;
}

const failing = oncePer((set: SidecarSet): SidecarSet => {
  const { spec } = set;
  return { ...set, spec: { ...spec, injectionStrategy: { ...spec.injectionStrategy, failurePolicy: "Fail" } } };
});

function rejection(decision: Result<Injection, InjectionError>, { name }: SidecarSet): Found | undefined {
  if (decision.ok || decision.error.sidecarSet !== name) return undefined;
  const { field, reason } = decision.error;
  return { code: reason.code, message: `${field}: ${reason.message}`, field };
}

/** The pod carries the revision that the injection strategy still chooses for it, and that is not the newest. */
function otherRevision({ object }: ExplainedPod, facts: PodFacts, world: World): Found | undefined {
  const { set } = facts.rules;
  if (set.spec.injectionStrategy.revision === undefined || facts.updated) return undefined;
  const { namespace = "default", name = "" } = object.metadata;
  const chosen = chooseRevision(set, world.revisions, { pod: object, identity: `${namespace}/${name}` });
  if (!chosen.ok || chosen.value.otherRevision === undefined) return undefined;
  return chosen.value.hash === facts.carries.hash
    ? { code: "I08", message: chosen.value.otherRevision.message }
    : undefined;
}
