import { LuaFactory } from "wasmoon";

/** What Argo CD gives to a script beside the language: its base and table libraries, no others. */
const LIBRARIES_WITHHELD = ["string", "math", "io", "debug", "coroutine", "utf8", "require", "package", "os"];
const factory = new LuaFactory();

/** Runs a script of Argo CD on an object as JSON has it. @returns what the script returns, as JSON */
export async function argocdScript<T>(script: string, obj: object): Promise<T> {
  const lua = await factory.createEngine();
  try {
    for (const name of LIBRARIES_WITHHELD) lua.global.set(name, undefined);
    lua.global.set("obj", undefined);
    await lua.doString(`obj = ${luaLiteral(obj)}`);
    return plain(await lua.doString(script)) as T;
  } finally {
    lua.global.close();
  }
}

/** Tables of the language itself, as Argo CD's decoder makes them: null is nil, a list counts from 1. */
function luaLiteral(value: unknown): string {
  if (value === null || value === undefined) return "nil";
  if (Array.isArray(value)) return `{${value.map(luaLiteral).join(",")}}`;
  if (typeof value === "object")
    return `{${Object.entries(value)
      .map(([key, field]) => `[${luaText(key)}]=${luaLiteral(field)}`)
      .join(",")}}`;
  return typeof value === "string" ? luaText(value) : String(value);
}

function luaText(text: string): string {
  return `"${[...new TextEncoder().encode(text)].map((byte) => `\\${String(byte).padStart(3, "0")}`).join("")}"`;
}

function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
