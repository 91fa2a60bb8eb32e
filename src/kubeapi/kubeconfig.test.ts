import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AccessError } from "./access.ts";
import { kubeconfigAccess } from "./kubeconfig.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("access from a kubeconfig", () => {
  it("impersonates a user with groups, uid and extras", async () => {
    const as = {
      as: "jane",
      "as-uid": "7",
      "as-groups": ["dev", "ops"],
      "as-user-extra": { "example.com/reason": ["a", "b"] },
    };
    expect((await accessOf({ user: { token: "t", ...as } })).headers).toEqual({
      Authorization: "Bearer t",
      "Impersonate-User": "jane",
      "Impersonate-Uid": "7",
      "Impersonate-Group": ["dev", "ops"],
      "Impersonate-Extra-example.com%2Freason": ["a", "b"],
    });
  });

  it("refuses groups without a user to impersonate", async () => {
    await expect(accessOf({ user: { "as-groups": ["dev"] } })).rejects.toThrow(
      /user "u" has as-groups but no "as": name the user to impersonate in "as"$/,
    );
  });

  it("reads the token file beside it each time, and takes it for more than a token", async () => {
    writeFileSync(join(folder, "token"), "one\n");
    const source = await sourceOf({ user: { token: "written down", tokenFile: "token" } });
    expect((await source.read()).headers).toEqual({ Authorization: "Bearer one" });
    writeFileSync(join(folder, "token"), "two\n");
    expect((await source.read()).headers).toEqual({ Authorization: "Bearer two" });
  });

  it("reads the authority's file each time", async () => {
    writeFileSync(join(folder, "ca.crt"), "one");
    const source = await sourceOf({ cluster: { "certificate-authority": "ca.crt" } });
    expect(String((await source.read()).tls.ca)).toBe("one");
    writeFileSync(join(folder, "ca.crt"), "two");
    expect(String((await source.read()).tls.ca)).toBe("two");
  });

  it("asks a plugin again when its answer was refused, though it said that it lasts", async () => {
    const credential = (token: string): string => {
      const status = { token, expirationTimestamp: "2999-01-01T00:00:00Z" };
      return JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status });
    };
    const file = join(folder, "credential");
    const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "cat", args: [file] };
    writeFileSync(file, credential("one"));
    const source = await sourceOf({ user: { exec } });
    expect((await source.read()).headers).toEqual({ Authorization: "Bearer one" });
    writeFileSync(file, credential("two"));
    expect((await source.read()).headers).toEqual({ Authorization: "Bearer one" });
    expect((await source.read("refused")).headers).toEqual({ Authorization: "Bearer two" });
  });

  it("a plugin may prove us by a certificate", async () => {
    const status = { clientCertificateData: "CERT", clientKeyData: "KEY" };
    const file = join(folder, "credential");
    writeFileSync(
      file,
      JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status }),
    );
    const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "cat", args: [file] };
    expect((await accessOf({ user: { exec } })).tls).toMatchObject({ cert: "CERT", key: "KEY" });
  });

  it("tells a plugin what kubectl tells it, of the cluster only where it asks for that", async () => {
    writeFileSync(join(folder, "ca.crt"), "CA");
    const told = async (provideClusterInfo: boolean): Promise<unknown> => {
      const script = `echo "$KUBERNETES_EXEC_INFO" > ${folder}/told; echo '{"status":{"token":"'$OWN'"}}'`;
      const apiVersion = "client.authentication.k8s.io/v1";
      const env = [{ name: "OWN", value: "mine" }];
      const exec = { apiVersion, command: "sh", args: ["-c", script], env, provideClusterInfo };
      const extensions = [{ name: "client.authentication.k8s.io/exec", extension: { audience: "dev" } }];
      const cluster = { "certificate-authority": "ca.crt", "tls-server-name": "api.internal", extensions };
      expect((await accessOf({ user: { exec }, cluster })).headers).toEqual({ Authorization: "Bearer mine" });
      return JSON.parse(readFileSync(join(folder, "told"), "utf8"));
    };
    const credential = { kind: "ExecCredential", apiVersion: "client.authentication.k8s.io/v1" };
    expect(await told(false)).toEqual({ ...credential, spec: { interactive: false } });
    const cluster = {
      server: "https://api.example:6443",
      "tls-server-name": "api.internal",
      "certificate-authority-data": Buffer.from("CA").toString("base64"),
      config: { audience: "dev" },
    };
    expect(await told(true)).toEqual({ ...credential, spec: { cluster, interactive: false } });
  });

  it("names a plugin that fails", async () => {
    const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "sh", args: ["-c", "echo no >&2; exit 1"] };
    await expect(accessOf({ user: { exec } })).rejects.toThrow(/^kubeconfig .*: credentials cannot be had: no/);
  });

  it("several files are one: the first that defines a name counts", async () => {
    write("one", { user: { token: "first" } });
    write("two", { user: { token: "second", as: "nobody" }, cluster: { server: "https://second:1" } });
    const variables = { KUBECONFIG: ["one", "missing", "two"].map((file) => join(folder, file)).join(delimiter) };
    const access = await (await kubeconfigAccess({}, variables)).read();
    expect(access).toMatchObject({ server: "https://api.example:6443", headers: { Authorization: "Bearer first" } });
    expect(access.headers).not.toHaveProperty("Impersonate-User");
  });

  it("refuses a SOCKS proxy by the name of its field", async () => {
    const failure = await accessOf({ cluster: { "proxy-url": "socks5://127.0.0.1:1080" } }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(AccessError);
    expect((failure as Error).message).toMatch(
      /proxy-url of cluster "c" is a socks5 proxy; only http:\/\/ and https:\/\/ proxies are supported/,
    );
  });
});

interface Settings {
  readonly user?: object;
  readonly cluster?: object;
}

async function accessOf(settings: Settings): ReturnType<Awaited<ReturnType<typeof sourceOf>>["read"]> {
  return (await sourceOf(settings)).read();
}

function sourceOf(settings: Settings): ReturnType<typeof kubeconfigAccess> {
  return kubeconfigAccess({ path: write("config", settings) }, {});
}

function write(file: string, { user = {}, cluster = {} }: Settings): string {
  const path = join(folder, file);
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "dev",
    contexts: [{ name: "dev", context: { cluster: "c", user: "u" } }],
    clusters: [{ name: "c", cluster: { server: "https://api.example:6443", ...cluster } }],
    users: [{ name: "u", user }],
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}
