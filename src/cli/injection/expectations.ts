import type { InjectedManifest } from "./injectManifest.ts";
import { titleOf } from "./injectManifest.ts";

/** A SidecarSet that every pod should get, and one that does not. */
export interface Missing {
  readonly sidecarSet: string;
  /** `Deployment shop/web`. */
  readonly object: string;
  readonly source: string;
  readonly line: number;
  readonly column: number;
  /** The reason's code; empty where there is no SidecarSet of that name, or no reason is needed: the pod has ended. */
  readonly code: string;
  readonly message: string;
}

export function missingSidecarSets(
  injected: readonly InjectedManifest[],
  expected: readonly string[],
): readonly Missing[] {
  return [...new Set(expected)].flatMap((sidecarSet) =>
    injected.flatMap((each) => {
      const why = whyMissing(each, sidecarSet);
      if (why === undefined) return [];
      const { manifest } = each;
      const place = { source: manifest.source, ...manifest.position("") };
      return [{ sidecarSet, object: titleOf(manifest), ...place, ...why }];
    }),
  );
}

function whyMissing({ decision }: InjectedManifest, sidecarSet: string): Pick<Missing, "code" | "message"> | undefined {
  if (!decision.ok) {
    const { reason, sidecarSet: refusing } = decision.error;
    return { code: reason.code, message: `the pod is refused: SidecarSet ${refusing}: ${reason.message}` };
  }
  const { outcomes } = decision.value;
  const outcome = outcomes.find((each) => each.sidecarSet === sidecarSet);
  if (outcome?.kind === "injected") return undefined;
  if (outcome) return { code: outcome.reason.code, message: outcome.reason.message };
  if (outcomes.length === 0)
    return { code: "", message: "no SidecarSet is looked at: the pod has ended or is leaving" };
  return { code: "", message: "there is no SidecarSet of this name" };
}
