import { ANYTHING, isAnything, unionOf } from "../../kube/labelRange.ts";
import { type Condition, conditionsText, labelText, type PodScope } from "./podScope.ts";

/**
 * The same pods in fewer scopes: those that differ in one label only become one, as often as that happens. A hundred SidecarSets that
 * each select another `app` are one scope.
 */
export function mergeScopes(scopes: readonly PodScope[]): readonly PodScope[] {
  const merged = new Scopes(scopes);
  while (merged.mergeOnce());
  return merged.all();
}

/** Changed in place: thousands of SidecarSets may have a label of their own each, and only those with the same label are compared. */
class Scopes {
  readonly #byText = new Map<string, PodScope>();

  constructor(scopes: readonly PodScope[]) {
    for (const scope of scopes) this.#put(scope);
  }

  all(): readonly PodScope[] {
    return [...this.#byText.values()];
  }

  /** Along every label. @returns whether there are fewer now */
  mergeOnce(): boolean {
    const before = this.#byText.size;
    for (const [label, holders] of this.#byLabel()) this.#mergeAlong(label, holders);
    return this.#byText.size < before;
  }

  #byLabel(): ReadonlyMap<string, readonly PodScope[]> {
    const found = new Map<string, PodScope[]>();
    for (const scope of this.#byText.values()) {
      for (const condition of scope.conditions) {
        const holders = found.get(labelText(condition));
        if (holders) holders.push(scope);
        else found.set(labelText(condition), [scope]);
      }
    }
    return found;
  }

  #mergeAlong(label: string, holders: readonly PodScope[]): void {
    const groups = new Map<string, PodScope[]>();
    for (const scope of holders) {
      if (this.#byText.get(textOf(scope)) !== scope) continue; // has become part of another one
      const rest = conditionsText(scope.conditions.filter((condition) => labelText(condition) !== label));
      const group = groups.get(rest);
      if (group) group.push(scope);
      else groups.set(rest, [scope]);
    }
    for (const [rest, group] of groups) {
      // What a scope does not ask of the label it leaves open, and so it takes in all that are otherwise equal.
      const open = this.#byText.get(rest);
      const alike = open ? [open, ...group] : group;
      if (alike.length === 1) continue;
      for (const scope of alike) this.#byText.delete(textOf(scope));
      this.#put(together(alike, label));
    }
  }

  #put(scope: PodScope): PodScope {
    const known = this.#byText.get(textOf(scope));
    const put = known ? { ...known, sidecarSets: [...known.sidecarSets, ...scope.sidecarSets] } : scope;
    this.#byText.set(textOf(put), put);
    return put;
  }
}

function textOf({ conditions }: PodScope): string {
  return conditionsText(conditions);
}

function together(scopes: readonly PodScope[], label: string): PodScope {
  const ranges = scopes.map(({ conditions }) => conditions.find((one) => labelText(one) === label)?.range ?? ANYTHING);
  const range = unionOf(ranges);
  return {
    conditions: scopes[0]!.conditions.flatMap((condition): readonly Condition[] => {
      if (labelText(condition) !== label) return [condition];
      return isAnything(range) ? [] : [{ ...condition, range }];
    }),
    sidecarSets: scopes.flatMap(({ sidecarSets }) => sidecarSets),
  };
}
