/**
 * Manifests with places that are filled in later: by literals (one file to apply, kustomize) or by Helm. A manifest is plain data but
 * for its slots, and each slot knows both: what it is for given values (resolve.ts) and how Helm says it (helmTemplate.ts).
 */
export type Node = string | number | boolean | null | Slot | readonly Node[] | { readonly [key: string]: Node };

export class Slot {
  readonly of: Filling;
  constructor(of: Filling) {
    this.of = of;
  }
}

export type Filling =
  /** Whatever stands at the path of the values: a scalar, a list, a map. */
  | { readonly kind: "value"; readonly path: string }
  /** A text with slots in it. The schema of the values keeps quotes and line ends out of what is filled in. */
  | { readonly kind: "text"; readonly parts: readonly (string | Slot)[] }
  /** A list as a comma list. */
  | { readonly kind: "commaList"; readonly path: string }
  | { readonly kind: "sum"; readonly path: string; readonly plus: number }
  | { readonly kind: "fact"; readonly fact: Fact }
  /** A file of the chart, as text. */
  | { readonly kind: "file"; readonly path: string }
  /** An entry of a map or list that is left out when the condition does not hold and there is nothing in its place. */
  | { readonly kind: "when"; readonly condition: Condition; readonly then: Node; readonly otherwise?: Node }
  /** The items of a list, or the entries of a map, of the values, among items or entries of ours. */
  | { readonly kind: "spread"; readonly path: string };

/** What an installation knows besides its values. */
export type Fact = "namespace" | "appVersion";

export type Condition =
  | { readonly kind: "isTrue"; readonly path: string }
  /** A text that is not empty, a map or list with something in it. */
  | { readonly kind: "isGiven"; readonly path: string }
  | { readonly kind: "is"; readonly path: string; readonly value: string }
  /** `GROUP/VERSION` or `GROUP/VERSION/KIND` that the API server serves. */
  | { readonly kind: "serves"; readonly api: string }
  | { readonly kind: "not"; readonly condition: Condition }
  | { readonly kind: "all" | "any"; readonly conditions: readonly Condition[] };

/** Key of a map entry that stands for all entries of a map of the values. */
export const SPREAD = "...";

export const value = (path: string): Slot => new Slot({ kind: "value", path });
export const commaList = (path: string): Slot => new Slot({ kind: "commaList", path });
export const sum = (path: string, plus: number): Slot => new Slot({ kind: "sum", path, plus });
export const file = (path: string): Slot => new Slot({ kind: "file", path });
export const spread = (path: string): Slot => new Slot({ kind: "spread", path });
export const NAMESPACE = new Slot({ kind: "fact", fact: "namespace" });
export const APP_VERSION = new Slot({ kind: "fact", fact: "appVersion" });

export function text(fixed: TemplateStringsArray, ...slots: readonly (string | Slot)[]): Slot {
  const parts = fixed.flatMap((part, index) => [part, slots[index] ?? ""]).filter((part) => part !== "");
  return new Slot({ kind: "text", parts });
}

export function when(condition: Condition, then: Node, otherwise?: Node): Slot {
  return new Slot({ kind: "when", condition, then, ...(otherwise === undefined ? {} : { otherwise }) });
}

export const isTrue = (path: string): Condition => ({ kind: "isTrue", path });
export const isGiven = (path: string): Condition => ({ kind: "isGiven", path });
export const is = (path: string, value: string): Condition => ({ kind: "is", path, value });
export const serves = (api: string): Condition => ({ kind: "serves", api });
export const not = (condition: Condition): Condition => ({ kind: "not", condition });
export const all = (...conditions: readonly Condition[]): Condition => ({ kind: "all", conditions });
export const any = (...conditions: readonly Condition[]): Condition => ({ kind: "any", conditions });
