import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { RequestOptions } from "node:https";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node";
import { type Access, AccessError, type AccessSource } from "./access.ts";
import { tellPlugin } from "./execInfo.ts";
import { readUserSettings } from "./kubeconfigUser.ts";
import { checkedProxy } from "./proxyChoice.ts";

export interface KubeconfigChoice {
  /** The file named by the user; without it `$KUBECONFIG` or `~/.kube/config`. */
  readonly path?: string;
  /** Instead of the current context. */
  readonly context?: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads access from a kubeconfig: contexts, inline and file certificates, tokens, exec plugins and OIDC.
 * @throws AccessError when a file, context, cluster or user is missing
 */
export async function kubeconfigAccess(choice: KubeconfigChoice, variables: Variables): Promise<AccessSource> {
  const paths = kubeconfigPaths(choice, variables);
  const where = `kubeconfig ${paths.join(delimiter)}`;
  let config = await loadFiles(paths);
  const context = chooseContext(config, choice.context, where);
  return {
    description: `${where}, context "${context}"`,
    namespace: config.getContextObject(context)?.namespace,
    async read(again) {
      if (again === "refused") {
        // The library keeps what a plugin or a file answered; the files themselves may have been written anew.
        config = await loadFiles(paths);
        chooseContext(config, context, where);
      }
      return readAccess(config, paths, where);
    },
  };
}

/** Whether there is a file to read at all, so that a caller may fall back to something else. */
export function hasKubeconfig(variables: Variables): boolean {
  return kubeconfigCandidates({}, variables).some((path) => existsSync(path));
}

/** As kubectl does: of several files in `$KUBECONFIG` those that do not exist are passed over. */
function kubeconfigPaths(choice: KubeconfigChoice, variables: Variables): string[] {
  const candidates = kubeconfigCandidates(choice, variables);
  const present = candidates.filter((path) => existsSync(path));
  if (present.length === 0) throw new AccessError(`kubeconfig ${candidates.join(delimiter)}: no such file`);
  return present;
}

function kubeconfigCandidates(choice: KubeconfigChoice, variables: Variables): string[] {
  if (choice.path) return [choice.path];
  const listed = (variables.KUBECONFIG ?? "").split(delimiter).filter((path) => path !== "");
  return listed.length > 0 ? listed : [join(variables.HOME ?? homedir(), ".kube", "config")];
}

/** The library costs half a second and 80 MB, so it is loaded only where a kubeconfig is really used. */
async function loadFiles(paths: readonly string[]): Promise<KubeConfig> {
  const library = await import("@kubernetes/client-node/dist/config.js");
  const merged = new library.KubeConfig();
  for (const path of paths) {
    const config = new library.KubeConfig();
    try {
      config.loadFromFile(path);
    } catch (error) {
      throw new AccessError(`kubeconfig ${path} cannot be read: ${messageOf(error)}`, error);
    }
    mergeInto(merged, config);
  }
  return merged;
}

/** The first file that defines a name, or a current context, wins. */
function mergeInto(merged: KubeConfig, config: KubeConfig): void {
  // The library refuses plain HTTP unless told that there is nothing to verify.
  const clusters = config.clusters.map((cluster) =>
    cluster.server.startsWith("http:") ? { ...cluster, skipTLSVerify: true } : cluster,
  );
  merged.clusters = [...merged.clusters, ...clusters.filter(isNewIn(merged.clusters))];
  merged.users = [...merged.users, ...config.users.filter(isNewIn(merged.users))];
  merged.contexts = [...merged.contexts, ...config.contexts.filter(isNewIn(merged.contexts))];
  merged.currentContext ||= config.currentContext;
}

function isNewIn(known: readonly { readonly name: string }[]): (entry: { readonly name: string }) => boolean {
  return (entry) => !known.some((other) => other.name === entry.name);
}

function chooseContext(config: KubeConfig, wanted: string | undefined, where: string): string {
  const name = wanted ?? config.currentContext;
  const known = config.contexts.map((context) => context.name).join(", ") || "none";
  if (!name) throw new AccessError(`${where} has no current-context; name one with --context (there are: ${known})`);
  const context = config.getContextObject(name);
  if (!context) throw new AccessError(`${where} has no context "${name}" (there are: ${known})`);
  if (!config.getCluster(context.cluster)) {
    throw new AccessError(`${where}: context "${name}" uses cluster "${context.cluster}", which is not defined there`);
  }
  if (!config.getUser(context.user)) {
    throw new AccessError(`${where}: context "${name}" uses user "${context.user}", which is not defined there`);
  }
  config.setCurrentContext(name);
  return name;
}

/** Asked again later, exec plugins and token files answer with fresh credentials; the library keeps them until they expire. */
async function readAccess(config: KubeConfig, paths: readonly string[], where: string): Promise<Access> {
  const cluster = config.getCurrentCluster()!;
  const user = await readUserSettings(paths, config.getCurrentUser()!.name);
  const proxy = cluster.proxyUrl && checkedProxy(cluster.proxyUrl, `${where}: proxy-url of cluster "${cluster.name}"`);
  const options: RequestOptions = {};
  let token: string | undefined;
  try {
    await tellPlugin(config, paths);
    await config.applyToHTTPSOptions(options);
    token = user.tokenFile && (await readFile(user.tokenFile, "utf8")).trim();
  } catch (error) {
    throw new AccessError(`${where}: credentials cannot be had: ${messageOf(error)}`, error);
  }
  const { ca, cert, key, servername, rejectUnauthorized, auth } = options;
  return {
    server: cluster.server,
    tls: withoutUndefined({ ca, cert, key, servername, rejectUnauthorized }),
    headers: {
      ...(auth ? { Authorization: `Basic ${Buffer.from(auth).toString("base64")}` } : {}),
      ...textHeaders(options.headers),
      ...user.headers,
      // As for kubectl: the file counts for more than a token beside it.
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
    },
    ...(proxy ? { proxyUrl: proxy } : {}),
  };
}

function textHeaders(headers: RequestOptions["headers"]): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));
}

function withoutUndefined<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
