import type { ApiRequest, LogOptions, RequestOptions } from "../apiRequest.ts";
import { badRequest, failure, methodNotAllowed, unknownPath } from "../apiStatus.ts";
import type { Verb } from "../resourceDefinition.ts";

/** Which resource a URL means; undefined when it is a path of another kind (discovery, health). */
export type ResourcePath = Pick<ApiRequest, "group" | "version" | "plural" | "namespace" | "name" | "subresource">;

const NAMESPACE_SUBRESOURCES = ["status", "finalize"];

/** `/api/v1/namespaces/ns-1/pods/web/status`, `/apis/apps/v1/deployments`: the URL as group, version and so on. */
export function resourcePath(path: string): ResourcePath | undefined {
  const parts = path
    .split("/")
    .filter((part) => part !== "")
    .map(decodeURIComponent);
  const place = placeOf(parts);
  if (!place || place.rest.length === 0) return undefined;
  const { group, version, rest } = place;
  const [first, second, third] = rest;
  const inNamespace = first === "namespaces" && rest.length > 2 && !NAMESPACE_SUBRESOURCES.includes(third!);
  const [plural, name, ...subresource] = inNamespace ? rest.slice(2) : rest;
  if (subresource.length > 1) throw unknownPath();
  return {
    group,
    version,
    plural: plural!,
    ...(inNamespace ? { namespace: second! } : {}),
    ...(name === undefined ? {} : { name }),
    ...(subresource.length === 0 ? {} : { subresource: subresource[0]! }),
  };
}

function placeOf(parts: readonly string[]): { group: string; version: string; rest: readonly string[] } | undefined {
  if (parts[0] === "api" && parts.length > 1) return { group: "", version: parts[1]!, rest: parts.slice(2) };
  if (parts[0] === "apis" && parts.length > 2) {
    return { group: parts[1]!, version: parts[2]!, rest: parts.slice(3) };
  }
  return undefined;
}

export function verbOf(method: string, { name }: ResourcePath, query: URLSearchParams): Verb {
  switch (method) {
    case "GET":
      if (name !== undefined) return "get";
      return isTrue(query.get("watch")) ? "watch" : "list";
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return name === undefined ? "deletecollection" : "delete";
    default:
      throw methodNotAllowed();
  }
}

const TEXTS = [
  "labelSelector",
  "fieldSelector",
  "continue",
  "resourceVersion",
  "resourceVersionMatch",
  "fieldManager",
  "fieldValidation",
  "propagationPolicy",
] as const;
const NUMBERS = ["limit", "timeoutSeconds", "gracePeriodSeconds"] as const;
const FLAGS = ["allowWatchBookmarks", "force", "sendInitialEvents"] as const;

export function requestOptionsOf(query: URLSearchParams): RequestOptions {
  const entries: [string, unknown][] = [];
  for (const name of TEXTS) if (query.has(name)) entries.push([name, query.get(name)]);
  for (const name of NUMBERS) if (query.get(name)) entries.push([name, numberOf(name, query.get(name)!)]);
  for (const name of FLAGS) if (query.has(name)) entries.push([name, isTrue(query.get(name))]);
  if (query.has("dryRun")) entries.push(["dryRun", dryRunOf(query.getAll("dryRun"))]);
  return Object.fromEntries(entries);
}

/** The query of a log, typed. */
export function logOptionsOf(query: URLSearchParams): LogOptions {
  const entries: [string, unknown][] = [];
  for (const name of ["container", "sinceTime"]) if (query.has(name)) entries.push([name, query.get(name)]);
  for (const name of ["sinceSeconds", "tailLines", "limitBytes"])
    if (query.get(name)) entries.push([name, numberOf(name, query.get(name)!)]);
  for (const name of ["follow", "previous", "timestamps"])
    if (query.has(name)) entries.push([name, isTrue(query.get(name))]);
  return Object.fromEntries(entries);
}

function dryRunOf(values: readonly string[]): boolean {
  const unknown = values.find((value) => value !== "All" && value !== "");
  if (unknown === undefined) return values.includes("All");
  const message = `Invalid value: ${JSON.stringify(values)}: dryRun: Unsupported value: ${JSON.stringify(unknown)}: supported values: "All"`;
  throw failure(422, "Invalid", message);
}

function numberOf(name: string, text: string): number {
  if (!/^-?\d+$/.test(text))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${name} is no number`);
  return Number(text);
}

function isTrue(value: string | null): boolean {
  return value !== null && value !== "false" && value !== "0";
}
