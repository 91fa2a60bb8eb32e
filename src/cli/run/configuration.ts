import * as v from "valibot";
import { isJsonObject, type Json, type JsonObject } from "../../core/kube/object.ts";
import { ANY, objectOf } from "../../core/kube/shape.ts";
import { unknownFields } from "../../core/kube/unknownFields.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { flagOf, SETTINGS } from "./settings.ts";

const API_VERSION = "config.sidecarset/v1";
const KIND = "ManagerConfiguration";

export type Configuration = v.InferOutput<typeof SCHEMA>;

const PORT = "a whole number from 0 (any free one) to 65535 is expected";
const NAMES = 'lower-case letters, digits and "-" are expected, at most 63';
const SECONDS = "a whole number of seconds is expected";
const LEASE = `${SECONDS}, from 2 to 3600`;
const DELAY = `${SECONDS}, from 0 to 300`;
const URL_EXPECTED = "https://HOST[:PORT] is expected, as the API server reaches us";
const COLLECTOR = "http://HOST[:PORT]/v1/traces or the like is expected";
const SECRET = 'the name of a Secret is expected: lower-case letters, digits, "-" and "."';
const CERTIFICATE = "NAMESPACE/NAME of a cert-manager Certificate is expected";
const TRUTH = "true or false is expected";
const LIST = "a list of names is expected";

const OBJECT_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/;

const port = v.pipe(v.number(PORT), v.integer(PORT), v.minValue(0, PORT), v.maxValue(65535, PORT));
const name = v.pipe(v.string(NAMES), v.regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, NAMES));
const filled = (expected: string) => v.pipe(v.string(expected), v.nonEmpty(expected));

function seconds(least: number, most: number, expected: string) {
  return v.pipe(v.number(expected), v.integer(expected), v.minValue(least, expected), v.maxValue(most, expected));
}

function oneOf<const T extends readonly string[]>(...words: T) {
  return v.picklist(words, `one of ${words.join(", ")} is expected`);
}

const SCHEMA = v.object({
  kubeconfig: v.optional(filled("the path of a file is expected")),
  context: v.optional(filled("the name of a context is expected")),
  controller: v.optional(v.boolean(TRUTH)),
  webhook: v.optional(v.boolean(TRUTH)),
  observe: v.optional(v.boolean(TRUTH)),
  port,
  listen: filled("an address of this machine is expected"),
  healthPort: v.optional(port),
  webhookUrl: v.optional(v.pipe(v.string(URL_EXPECTED), v.check(isWebhookUrl, URL_EXPECTED))),
  service: name,
  certificateSecret: v.optional(v.pipe(v.string(SECRET), v.regex(OBJECT_NAME, SECRET))),
  certificateDir: v.optional(filled("the path of a folder is expected")),
  injectCaFrom: v.optional(v.pipe(v.string(CERTIFICATE), v.check(isNamespacedName, CERTIFICATE))),
  systemNamespace: name,
  excludedNamespaces: v.array(name, LIST),
  defaultFailurePolicy: oneOf("Fail", "Ignore"),
  leaseDuration: seconds(2, 3600, LEASE),
  shutdownDelay: v.optional(seconds(0, 300, DELAY)),
  tracesEndpoint: v.optional(v.pipe(v.string(COLLECTOR), v.check(isHttpUrl, COLLECTOR))),
  logLevel: oneOf("debug", "info", "warn", "error"),
  logFormat: oneOf("json", "text"),
});

export interface ConfigurationSources {
  /** What was given on the command line, as text; true for a flag alone. */
  readonly flags: Readonly<Record<string, string | boolean>>;
  readonly file?: { readonly path: string; readonly content: Json };
}

/** Flags win over the file, the file over the defaults. @returns every error at once, each with its field, its value and what is expected */
export function readConfiguration({ flags, file }: ConfigurationSources): Result<Configuration, readonly string[]> {
  const fromFlags = flagValues(flags);
  const fromFile = isJsonObject(file?.content) ? withoutOverriddenRoles(file.content, fromFlags) : {};
  const merged: Record<string, unknown> = { ...defaults(), ...knownOf(fromFile), ...fromFlags };
  const parsed = v.safeParse(SCHEMA, merged, { abortPipeEarly: true });
  const origin = (key: string): string => (key in fromFlags ? flagOf(key) : `${file?.path}: ${key}`);
  const errors = [
    ...(file ? fileErrors(file.path, file.content) : []),
    ...(parsed.issues ?? []).map((issue) => `${origin(pathOf(issue)[0]!)} ${quoted(issue.input)}: ${issue.message}`),
    ...roleErrors(merged),
    ...certificateErrors(merged),
  ];
  return parsed.success && errors.length === 0 ? ok(parsed.output) : err(errors);
}

export interface Roles {
  readonly controller: boolean;
  readonly webhook: boolean;
}

/** Who names one of them means that one; who names none means both. */
export function rolesOf({ controller, webhook }: Pick<Configuration, "controller" | "webhook">): Roles {
  return { controller: controller ?? webhook !== true, webhook: webhook ?? controller !== true };
}

function roleErrors({ controller, webhook }: Record<string, unknown>): string[] {
  if (controller !== false || webhook !== false) return [];
  return ["controller and webhook are both false: one of them has to run"];
}

function certificateErrors({ certificateSecret, certificateDir, injectCaFrom }: Record<string, unknown>): string[] {
  const errors: string[] = [];
  if (certificateSecret !== undefined && certificateDir !== undefined) {
    errors.push("certificateSecret and certificateDir are both set: the certificate comes from one of them");
  }
  if (injectCaFrom !== undefined && certificateSecret === undefined && certificateDir === undefined) {
    errors.push(
      "injectCaFrom is set without certificateSecret or certificateDir: cert-manager does not know the authority of our own certificate",
    );
  }
  return errors;
}

/** `--webhook` on the command line is about both roles: what the file says of them counts no more. */
function withoutOverriddenRoles(file: JsonObject, flags: Readonly<Record<string, unknown>>): JsonObject {
  if (!("controller" in flags) && !("webhook" in flags)) return file;
  const { controller: _controller, webhook: _webhook, ...rest } = file;
  return rest;
}

function defaults(): Record<string, unknown> {
  return Object.fromEntries(
    SETTINGS.filter((setting) => setting.default !== undefined).map((setting) => [setting.key, setting.default]),
  );
}

function knownOf(file: JsonObject): Record<string, unknown> {
  return Object.fromEntries(Object.entries(file).filter(([key]) => SETTINGS.some((setting) => setting.key === key)));
}

function flagValues(flags: ConfigurationSources["flags"]): Record<string, unknown> {
  const kindOf = new Map(SETTINGS.map(({ key, kind }) => [key, kind]));
  return Object.fromEntries(
    Object.entries(flags).map(([key, value]) => {
      if (kindOf.get(key) === "number" && /^\d{1,9}$/.test(String(value))) return [key, Number(value)];
      if (kindOf.get(key) === "list") return [key, listOf(String(value))];
      return [key, value];
    }),
  );
}

/** An empty text names none. */
function listOf(text: string): string[] {
  return text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}

const FILE_SHAPE = objectOf(...["apiVersion", "kind", ...SETTINGS.map(({ key }) => key)].map(anyField));

function anyField(name: string) {
  return { name, shape: ANY, written: "present" as const };
}

function fileErrors(path: string, content: Json): string[] {
  if (!isJsonObject(content)) return [`${path}: an object of kind ${KIND} is expected`];
  const identity = [
    ["apiVersion", API_VERSION],
    ["kind", KIND],
  ] as const;
  return [
    ...identity
      .filter(([field, expected]) => content[field] !== expected)
      .map(([field, expected]) => `${path}: ${field} ${quoted(content[field])}: ${expected} is expected`),
    ...unknownFields(content, FILE_SHAPE).map(
      ({ field, meant }) =>
        `${path}: ${field} ${quoted(content[field])}: there is no such setting; ${meant ? `did you mean ${meant}?` : "see docs/reference/configuration.md"}`,
    ),
  ];
}

function isNamespacedName(text: string): boolean {
  const parts = text.split("/");
  return parts.length === 2 && parts.every((part) => OBJECT_NAME.test(part));
}

/** An address that an API server accepts in a webhook configuration: https, and nothing after the host but a path. */
function isWebhookUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url && !url.username && !url.password && !url.search && !url.hash;
  return url?.protocol === "https:" && url.hostname !== "" && plain === true;
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && ["http:", "https:"].includes(new URL(text).protocol);
}

function pathOf(issue: v.BaseIssue<unknown>): string[] {
  return (issue.path ?? []).map((item) => String(item.key));
}

function quoted(value: unknown): string {
  if (value === undefined) return "(missing)";
  return typeof value === "string" ? `"${withoutPassword(value)}"` : JSON.stringify(value);
}

/** What is refused is printed, and may hold what nobody shall read. */
function withoutPassword(text: string): string {
  return text.replace(/\/\/[^/@]*@/, "//***@");
}
