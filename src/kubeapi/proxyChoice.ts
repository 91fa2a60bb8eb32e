import { BlockList, isIP } from "node:net";
import { AccessError } from "./access.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Which proxy the environment wants for a server, by the rules of Go programs, kubectl among them: HTTPS_PROXY or HTTP_PROXY by the
 * server's scheme, in capitals or small letters, unless NO_PROXY names the host; never for this machine itself.
 * @throws AccessError when the variable holds something that we cannot go through
 */
export function proxyFromEnvironment(server: string, variables: Variables): string | undefined {
  const { protocol, hostname, port } = new URL(server);
  const name = protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const proxy = setting(name, variables);
  if (proxy === undefined) return undefined;
  const target = { host: hostname.replace(/^\[|\]$/g, "").toLowerCase(), port: port || defaultPort(protocol) };
  if (isThisMachine(target.host)) return undefined;
  const exceptions = (setting("NO_PROXY", variables) ?? "").split(",").map((entry) => entry.trim().toLowerCase());
  if (exceptions.some((entry) => names(entry, target))) return undefined;
  return checkedProxy(proxy.includes("://") ? proxy : `http://${proxy}`, `the environment variable ${name}`);
}

/**
 * A proxy as somebody wrote it down.
 * @param field where, for the message
 * @throws AccessError when it is no address of an HTTP proxy
 */
export function checkedProxy(url: string, field: string): string {
  const protocol = URL.canParse(url) ? new URL(url).protocol : undefined;
  if (protocol === "http:" || protocol === "https:") return url;
  // The address may hold a password, so it is not repeated.
  const found = protocol === undefined ? "is no address" : `is a ${protocol.replace(":", "")} proxy`;
  throw new AccessError(`${field} ${found}; only http:// and https:// proxies are supported: name one of these`);
}

interface Target {
  readonly host: string;
  readonly port: string;
}

function setting(name: string, variables: Variables): string | undefined {
  return variables[name] || variables[name.toLowerCase()] || undefined;
}

function defaultPort(protocol: string): string {
  return protocol === "https:" ? "443" : "80";
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** One entry of NO_PROXY: `*`, an address, a range of them, `example.com` with all below it, `.example.com` for only what is below. */
function names(entry: string, { host, port }: Target): boolean {
  if (entry === "") return false;
  if (entry === "*") return true;
  if (entry.includes("/")) return isInRange(host, entry);
  const withPort = isIP(entry) ? null : /^(.+):(\d+)$/.exec(entry);
  if (withPort && withPort[2] !== port) return false;
  const name = (withPort?.[1] ?? entry).replace(/^\[|\]$/g, "").replace(/^\*/, "");
  return name.startsWith(".") ? host.endsWith(name) : host === name || (!isIP(host) && host.endsWith(`.${name}`));
}

function isInRange(host: string, range: string): boolean {
  const [base = "", bits] = range.split("/");
  const family = isIP(base);
  if (family === 0 || isIP(host) !== family || !/^\d+$/.test(bits ?? "") || Number(bits) > (family === 4 ? 32 : 128))
    return false;
  const type = family === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(base, Number(bits), type);
  return list.check(host, type);
}
