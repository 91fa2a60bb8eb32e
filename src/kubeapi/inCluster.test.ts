import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { inClusterAccess, isInCluster } from "./inCluster.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "service-account-"));
  writeFileSync(join(folder, "token"), "one\n");
  writeFileSync(join(folder, "ca.crt"), "CA");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("access from inside a pod", () => {
  it("comes from the service account's files and the service's address", async () => {
    const source = inClusterAccess({ KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "6443" }, folder);
    expect(await source.read()).toEqual({
      server: "https://10.0.0.1:6443",
      tls: { ca: "CA" },
      headers: { Authorization: "Bearer one" },
    });
  });

  it("follows the token as the kubelet renews it", async () => {
    const source = inClusterAccess({ KUBERNETES_SERVICE_HOST: "fd00::1" }, folder);
    await source.read();
    writeFileSync(join(folder, "token"), "two");
    expect(await source.read()).toMatchObject({
      server: "https://[fd00::1]:443",
      headers: { Authorization: "Bearer two" },
    });
  });

  it("needs the address and the token", async () => {
    expect(isInCluster({ KUBERNETES_SERVICE_HOST: "10.0.0.1" }, folder)).toBe(true);
    expect(isInCluster({}, folder)).toBe(false);
    expect(() => inClusterAccess({}, folder)).toThrow("KUBERNETES_SERVICE_HOST is not set");
    rmSync(join(folder, "token"));
    expect(isInCluster({ KUBERNETES_SERVICE_HOST: "10.0.0.1" }, folder)).toBe(false);
    const source = inClusterAccess({ KUBERNETES_SERVICE_HOST: "10.0.0.1" }, folder);
    await expect(source.read()).rejects.toThrow("is a service account mounted");
  });
});
