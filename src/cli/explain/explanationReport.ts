import { type ExplainedPod, explainPod, type OpenedSet, type World } from "../../core/explanation/explainPod.ts";
import type { SetExplanation } from "../../core/explanation/explanation.ts";
import { docsOf, isNotSelected } from "../../core/explanation/reasonNames.ts";
import { podKey, podRecord } from "../../core/pod/podRecord.ts";

/** What `explain -o json` prints; docs/reference/explanation.md says what each field means. */
export interface ExplanationReport {
  readonly apiVersion: "cli.sidecarset/v1";
  readonly kind: "Explanation";
  readonly generatedAt: string;
  /** Nothing is found. */
  readonly clean: boolean;
  readonly pods: readonly PodExplanation[];
  /** The same, by what is told: for workloads of many pods. */
  readonly groups: readonly ExplanationGroup[];
  readonly remarks: readonly string[];
}

export interface PodExplanation {
  readonly pod: string;
  /** `Deployment/web`; absent: nobody makes it anew. */
  readonly workload?: string;
  readonly createdAt?: string;
  readonly phase?: string;
  readonly sidecarSets: readonly (SetExplanation & Told)[];
}

interface Told {
  readonly finding: boolean;
  /** Of the codes that are told. */
  readonly docs: readonly string[];
}

interface ExplanationGroup {
  readonly sidecarSet: string;
  readonly injection: string;
  /** Empty: the pods have no sidecars. */
  readonly update: string;
  readonly because: string;
  readonly finding: boolean;
  readonly pods: number;
  readonly examples: readonly string[];
}

/** @param opened the SidecarSets that are asked about; `isNamed`: somebody named them */
export function explanationReport(
  pods: readonly ExplainedPod[],
  world: World & { readonly remarks: readonly string[] },
  { opened, isNamed }: { readonly opened: readonly OpenedSet[]; readonly isNamed: boolean },
): ExplanationReport {
  const explained = pods.map((pod) => explainedPod(pod, explainPod(pod, opened, world), isNamed));
  return {
    apiVersion: "cli.sidecarset/v1",
    kind: "Explanation",
    generatedAt: new Date(world.now).toISOString(),
    clean: explained.every(({ sidecarSets }) => sidecarSets.every(({ finding }) => !finding)),
    pods: explained,
    groups: groupsOf(explained),
    remarks: world.remarks,
  };
}

/** That a SidecarSet does not select a pod is a finding only for who asks about it, or where nobody selects the pod. */
function explainedPod(
  { object, workload, planned }: ExplainedPod,
  sets: readonly SetExplanation[],
  isNamed: boolean,
): PodExplanation {
  const nobody = sets.every(({ injection }) => isNotSelected(injection.code));
  const { creationTimestamp } = object.metadata;
  return {
    pod: podKey(podRecord(object)),
    ...(workload && { workload: `${workload.kind}/${workload.name}` }),
    ...(creationTimestamp && { createdAt: creationTimestamp }),
    ...(planned ? {} : { phase: object.status?.phase ?? "" }),
    sidecarSets: sets.map((set) => ({
      ...set,
      finding:
        set.injection.finding ||
        (set.update?.finding ?? false) ||
        (isNotSelected(set.injection.code) && (isNamed || nobody)),
      docs: [set.injection.code, set.update?.code ?? ""].filter((code) => code !== "").map(docsOf),
    })),
  };
}

function groupsOf(pods: readonly PodExplanation[]): readonly ExplanationGroup[] {
  const groups = new Map<string, ExplanationGroup>();
  for (const { pod, sidecarSets } of pods) {
    for (const { sidecarSet, injection, update, finding } of sidecarSets) {
      const because = update?.because ?? injection.because;
      const key = [sidecarSet, injection.code, update?.code ?? "", because, finding].join(" ");
      const known = groups.get(key);
      groups.set(key, {
        sidecarSet,
        injection: injection.code,
        update: update?.code ?? "",
        because,
        finding,
        pods: (known?.pods ?? 0) + 1,
        examples: known ? [...known.examples, pod].slice(0, MOST_EXAMPLES) : [pod],
      });
    }
  }
  return [...groups.values()].toSorted((one, other) => Number(other.finding) - Number(one.finding));
}

const MOST_EXAMPLES = 3;
