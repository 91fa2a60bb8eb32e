import { createPrivateKey } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { type ManagedCluster, startManagedCluster } from "./managedCluster.ts";
import { runProgram } from "./runProgram.ts";

const TOKEN = "token-that-nobody-may-read";
const PASSWORD = "password-that-nobody-may-read";
const NO_KEY = "key-that-nobody-may-read";

interface Kubeconfig {
  readonly users: readonly { readonly name: string; readonly user: Readonly<Record<string, string>> }[];
}

let cluster: ManagedCluster;
let folder: string;
beforeAll(async () => {
  cluster = await startManagedCluster();
  folder = mkdtempSync(join(tmpdir(), "secrets-"));
});
afterAll(async () => {
  await cluster.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("what a manager writes", () => {
  const users: [string, Readonly<Record<string, string>>, string][] = [
    ["a token", { token: TOKEN }, TOKEN],
    ["a password", { username: "admin", password: PASSWORD }, PASSWORD],
    [
      "a private key that is none",
      { "client-certificate-data": base64("none"), "client-key-data": base64(NO_KEY) },
      NO_KEY,
    ],
  ];
  const cases = users.flatMap(([what, user, secret]) =>
    ["json", "text"].map((format) => ({ what, user, secret, format })),
  );
  it.each(cases)("has no trace of $what that is refused, as $format", async ({ user, secret, format }) => {
    const path = kubeconfigWith(user);
    const { code, stdout, stderr } = await runProgram([
      ...["run", "--kubeconfig", path, "--log-level", "debug", "--log-format", format],
      ...["--webhook-url", "https://127.0.0.1:1", "--port", "0", "--listen", "127.0.0.1"],
    ]);
    expect(code).toBe(1);
    expect(stderr).not.toBe("");
    expectNoTrace(`${stdout}${stderr}`, secret);
  });

  it("has no trace of a password in an address that is refused", async () => {
    const { code, stderr } = await runProgram(["run", "--webhook-url", `https://admin:${PASSWORD}@127.0.0.1:1`]);
    expect(code).toBe(2);
    expectNoTrace(stderr, PASSWORD);
  });

  it("has no trace of any private key, from its start to its end", async () => {
    const manager = await cluster.startManager("--log-level", "debug");
    manager.process.kill("SIGTERM");
    const { code, stdout, stderr } = await manager.ended;
    expect(code).toBe(0);
    const encoded = (parse(cluster.kubeconfig) as Kubeconfig).users[0]!.user["client-key-data"]!;
    const key = Buffer.from(encoded, "base64").toString();
    expect(createPrivateKey(key).type).toBe("private");
    expect(`${stdout}${stderr}`).not.toMatch(/PRIVATE KEY/);
    expectNoTrace(`${stdout}${stderr}`, key.split("\n")[1]!);
    expect(stderr).not.toContain(encoded);
  });
});

function kubeconfigWith(user: Readonly<Record<string, string>>): string {
  const kubeconfig = parse(cluster.kubeconfig) as Kubeconfig;
  const path = join(folder, "kubeconfig");
  writeFileSync(path, stringify({ ...kubeconfig, users: [{ name: kubeconfig.users[0]!.name, user }] }));
  return path;
}

/** Neither as it is nor in base64. */
function expectNoTrace(output: string, secret: string): void {
  expect(output).not.toContain(secret);
  expect(output).not.toContain(base64(secret).slice(0, -4));
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
