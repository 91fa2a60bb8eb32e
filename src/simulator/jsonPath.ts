import { err, ok, type Result } from "../core/result.ts";
import { isRecord } from "./apiObject.ts";

/** A JSONPath of printer columns: `.status.phase`, `.spec['a.b']`, `.items[0]`, `[*]`, `[?(@.type=="Ready")].status`. */
export type JsonPath = (object: unknown) => readonly unknown[];

type Step = (value: unknown) => readonly unknown[];

/** Each alternative is one kind of step; the first that matches the rest of the text is taken. */
const STEPS: readonly { readonly pattern: RegExp; readonly step: (match: RegExpExecArray) => Step }[] = [
  { pattern: /^\.?\[\*\]/, step: () => members },
  { pattern: /^\.\*/, step: () => members },
  { pattern: /^\.?\[(-?\d+)\]/, step: (match) => itemAt(Number(match[1])) },
  { pattern: /^\.?\['((?:[^'\\]|\\.)*)'\]/, step: (match) => field(unescaped(match[1]!)) },
  {
    pattern: /^\.?\[\?\(\s*@\.([\w.-]+)\s*==\s*(?:"([^"]*)"|'([^']*)'|([\w.-]+))\s*\)\]/,
    step: (match) => membersWhere(match[1]!.split("."), match[2] ?? match[3] ?? match[4]!),
  },
  { pattern: /^\.((?:[^.[\]\\{}]|\\.)+)/, step: (match) => field(unescaped(match[1]!)) },
];

export function compileJsonPath(text: string): Result<JsonPath, string> {
  const steps: Step[] = [];
  let rest = text.startsWith("{") && text.endsWith("}") ? text.slice(1, -1) : text;
  if (rest === ".") rest = "";
  while (rest !== "") {
    const found = nextStep(rest);
    if (!found)
      return err(`${JSON.stringify(text)} is not a path this server understands, from ${JSON.stringify(rest)} on`);
    steps.push(found.step);
    rest = rest.slice(found.length);
  }
  return ok((object) => steps.reduce<readonly unknown[]>((values, step) => values.flatMap(step), [object]));
}

function nextStep(text: string): { readonly step: Step; readonly length: number } | undefined {
  for (const { pattern, step } of STEPS) {
    const match = pattern.exec(text);
    if (match) return { step: step(match), length: match[0].length };
  }
  return undefined;
}

function field(name: string): Step {
  return (value) => (isRecord(value) && Object.hasOwn(value, name) ? [value[name]] : []);
}

function itemAt(index: number): Step {
  return (value) => (Array.isArray(value) && value.at(index) !== undefined ? [value.at(index)] : []);
}

function members(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isRecord(value) ? Object.values(value) : [];
}

function membersWhere(path: readonly string[], wanted: string): Step {
  return (value) =>
    members(value).filter((member) => {
      const found = path.reduce<unknown>((at, name) => (isRecord(at) ? at[name] : undefined), member);
      return found !== undefined && String(found) === wanted;
    });
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, "$1");
}
