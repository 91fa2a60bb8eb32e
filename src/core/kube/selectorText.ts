import type { Result } from "../result.ts";
import { err, ok } from "../result.ts";
import type { CompiledSelector, Requirement } from "./labelSelector.ts";
import { compileRequirements } from "./labelSelector.ts";
import { labelValueProblem, qualifiedNameProblem } from "./labelSyntax.ts";

/**
 * The text form of a label selector, as in `?labelSelector=` and `kubectl -l`:
 * `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, `a>3`, `a<3`, joined by commas. Empty matches everything.
 * @returns the selector, or one sentence on the first mistake
 */
export function parseSelectorText(text: string): Result<CompiledSelector, string> {
  if (text.trim() === "") return ok(compileRequirements([]));
  const requirements: Requirement[] = [];
  for (const part of splitAtTopLevelCommas(text)) {
    const requirement = parseRequirement(part.trim());
    if (!requirement.ok) return err(`unable to parse label selector "${text}": ${requirement.error}`);
    requirements.push(requirement.value);
  }
  return ok(compileRequirements(requirements));
}

const FORMS: readonly { readonly form: RegExp; readonly operator: Requirement["operator"] }[] = [
  { form: /^!\s*(?<key>[^\s=!<>(),]+)$/, operator: "DoesNotExist" },
  { form: /^(?<key>[^\s=!<>(),]+)$/, operator: "Exists" },
  { form: /^(?<key>[^\s=!<>(),]+)\s*!=\s*(?<values>[^\s=!<>(),]*)$/, operator: "NotIn" },
  { form: /^(?<key>[^\s=!<>(),]+)\s*==?\s*(?<values>[^\s=!<>(),]*)$/, operator: "In" },
  { form: /^(?<key>[^\s=!<>(),]+)\s*>\s*(?<values>[^\s=!<>(),]+)$/, operator: "GreaterThan" },
  { form: /^(?<key>[^\s=!<>(),]+)\s*<\s*(?<values>[^\s=!<>(),]+)$/, operator: "LessThan" },
  { form: /^(?<key>[^\s=!<>(),]+)\s+in\s*\((?<values>[^=!<>()]*)\)$/, operator: "In" },
  { form: /^(?<key>[^\s=!<>(),]+)\s+notin\s*\((?<values>[^=!<>()]*)\)$/, operator: "NotIn" },
];

function parseRequirement(text: string): Result<Requirement, string> {
  for (const { form, operator } of FORMS) {
    const match = form.exec(text)?.groups;
    if (!match) continue;
    const key = match.key!;
    const values = match.values === undefined ? [] : match.values.split(",").map((value) => value.trim());
    const problem = qualifiedNameProblem(key) ?? values.map((value) => valueProblem(operator, value)).find(Boolean);
    return problem === undefined ? ok({ key, operator, values }) : err(`"${text}": ${problem}`);
  }
  return err(`"${text}" is none of: key, !key, key=value, key!=value, key in (a,b), key notin (a,b), key>1, key<1`);
}

function valueProblem(operator: Requirement["operator"], value: string): string | undefined {
  if (operator !== "GreaterThan" && operator !== "LessThan") return labelValueProblem(value);
  return /^-?[0-9]+$/.test(value) ? undefined : "'>' and '<' compare with an integer";
}

function splitAtTopLevelCommas(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === "(") depth += 1;
    else if (character === ")") depth -= 1;
    else if (character === "," && depth === 0) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...parts, text.slice(start)];
}
