import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type Access, AccessError } from "./access.ts";

/** What the reader of kubeconfigs leaves out of a user. */
export interface UserSettings {
  /** Of an impersonated user. */
  readonly headers: Access["headers"];
  /** Holds the token, and is read again and again. */
  readonly tokenFile?: string;
}

/** The user as written. */
interface WrittenUser {
  readonly tokenFile?: unknown;
  readonly as?: unknown;
  readonly "as-uid"?: unknown;
  readonly "as-groups"?: unknown;
  readonly "as-user-extra"?: unknown;
}

/**
 * @param paths of several files the first that defines the user counts
 * @throws AccessError when its fields contradict each other
 */
export async function readUserSettings(paths: readonly string[], user: string): Promise<UserSettings> {
  const { parse } = await import("./yamlText.ts");
  for (const path of paths) {
    const { users } = parse(await readFile(path, "utf8")) as {
      users?: readonly { name: string; user?: WrittenUser }[];
    };
    const entry = users?.find(({ name }) => name === user);
    if (entry) return settingsOf(entry.user ?? {}, path, user);
  }
  return { headers: {} };
}

function settingsOf(written: WrittenUser, path: string, user: string): UserSettings {
  const { tokenFile } = written;
  return {
    headers: impersonation(written, `kubeconfig ${path}: user "${user}"`),
    ...(typeof tokenFile === "string" && tokenFile !== "" ? { tokenFile: resolve(dirname(path), tokenFile) } : {}),
  };
}

function impersonation(written: WrittenUser, where: string): Access["headers"] {
  const groups = texts(written["as-groups"]);
  const extra = Object.entries((written["as-user-extra"] ?? {}) as Record<string, unknown>);
  if (!written.as) {
    const without = Object.keys(written).find((field) => field.startsWith("as-"));
    if (without) throw new AccessError(`${where} has ${without} but no "as": name the user to impersonate in "as"`);
    return {};
  }
  return {
    "Impersonate-User": String(written.as),
    ...(written["as-uid"] ? { "Impersonate-Uid": String(written["as-uid"]) } : {}),
    ...(groups.length > 0 ? { "Impersonate-Group": groups } : {}),
    ...Object.fromEntries(
      extra.map(([key, values]) => [`Impersonate-Extra-${encodeURIComponent(key)}`, texts(values)]),
    ),
  };
}

function texts(values: unknown): readonly string[] {
  return Array.isArray(values) ? values.map(String) : [];
}
