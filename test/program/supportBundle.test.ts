import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { SECRETS } from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import { servedCluster } from "./changedSet.ts";

const served = servedCluster();
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bundle-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("sidecarset support-bundle", () => {
  it("holds how it stands, and nothing secret", async () => {
    const env = [{ name: "API_TOKEN", value: "s3cr3t" }];
    await served.released("told", 2, { containers: [{ name: "logtail", image: "logtail:1", env }] });
    await served.cluster.create(SECRETS, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "other", namespace: "kruise-system" },
      stringData: { key: "s3cr3t" },
    } as KubeObject);
    const file = join(folder, "bundle.tar.gz");
    const { stderr, code } = await served.sidecarset("support-bundle", "--file", file);
    expect(stderr).toMatch(
      /bundle\.tar\.gz: \d+ files, \d+ KiB; no Secrets, values of variables redacted\nlook into it/,
    );
    expect(code).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const files = unpacked(file);
    expect([...files.keys()]).toEqual(
      expect.arrayContaining([
        "about.yaml",
        "check.yaml",
        "pods/default.yaml",
        "revisions.yaml",
        "webhooks/mutating.yaml",
      ]),
    );
    expect([...files.values()].join("\n")).not.toMatch(/s3cr3t|BEGIN|LS0tLS1CRUdJTi/);
    const [set] = parse(files.get("sidecarsets.yaml")!).items;
    expect(set.spec.containers[0].env).toEqual([{ name: "API_TOKEN", value: "REDACTED" }]);
    expect(set.status.matchedPods).toBe(2);
    const pods = parse(files.get("pods/default.yaml")!).items;
    expect(pods).toHaveLength(2);
    expect(pods[0].spec.containers).toContainEqual({ name: "logtail", image: "logtail:1" });
    expect(pods[0].metadata.annotations["kruise.io/sidecarset-injected-list"]).toBe("told");
    expect(parse(files.get("about.yaml")!)).toMatchObject({ systemNamespace: "kruise-system", leftOut: [] });
  }, 240_000);

  it("does not write over what is there", async () => {
    const file = join(folder, "mine.tar.gz");
    writeFileSync(file, "mine");
    const { stderr, code } = await served.sidecarset("support-bundle", "--file", file);
    expect(stderr).toBe(`error: --file ${file}: the file is there already; name another one\n`);
    expect(code).toBe(2);
    expect(readFileSync(file, "utf8")).toBe("mine");
  }, 180_000);
});

/** By the tar of the machine; paths without the folder that all are in. */
function unpacked(file: string): ReadonlyMap<string, string> {
  const names = execFileSync("tar", ["tzf", file], { encoding: "utf8" }).trimEnd().split("\n");
  return new Map(
    names.map((name) => [
      name.replace(/^[^/]+\//, ""),
      execFileSync("tar", ["xzOf", file, name], { encoding: "utf8" }),
    ]),
  );
}
