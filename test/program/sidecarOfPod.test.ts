import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../contract/fixtures.ts";
import { servedCluster } from "./changedSet.ts";
import { runProgram, startProgram } from "./runProgram.ts";

const served = servedCluster();
const HOT = {
  name: "envoy",
  image: "envoy:1",
  upgradeStrategy: { upgradeType: "HotUpgrade", hotUpgradeEmptyImage: "envoy:empty" },
};
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kubectl-"));
  const echo = join(folder, "kubectl");
  writeFileSync(echo, '#!/bin/sh\nprintf "%s\\n" "$@"\nexit 7\n');
  chmodSync(echo, 0o755);
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("the sidecar of a pod", () => {
  let pod: string;

  beforeAll(async () => {
    await served.released("pair", 1, { containers: [HOT, { name: "logtail", image: "logtail:1" }] });
    const [first] = await served.podsOf("pair");
    pod = first!.metadata.name!;
  }, 180_000);

  it("writes a log, and of a hot-upgrade pair it is the half that works", async () => {
    const before = await served.sidecarset("logs", pod, "-c", "envoy");
    expect(before.stderr).toBe("");
    expect(before.stdout).toMatch(/envoy-1 started: image \S*envoy:1,/);
    await served.release("pair", "envoy:2");
    await eventually(async () => expect((await served.set("pair")).status).toMatchObject({ updatedReadyPods: 1 }));
    const after = await served.sidecarset("logs", `pod/${pod}`, "-c", "envoy", "--tail", "1");
    expect(after.stdout).toContain("envoy-2");
    expect(after.stdout.trimEnd().split("\n")).toHaveLength(1);
    expect((await served.sidecarset("logs", pod, "-c", "envoy-1")).stdout).toMatch(
      /envoy-1 started: image \S*envoy:empty,/,
    );
  }, 240_000);

  it("is followed until it is interrupted", async () => {
    const following = startProgram(["logs", pod, "-c", "logtail", "-f", "--kubeconfig", served.kubeconfig]);
    await following.said("logtail started");
    following.process.kill("SIGINT");
    expect((await following.ended).code).toBe(130);
  }, 180_000);

  it("has to be named where there are several, and a wrong name is told", async () => {
    const several = await served.sidecarset("logs", pod);
    expect(several.stderr).toBe(
      `error: pod default/${pod} has several sidecars, name one with -c: envoy (pair), logtail (pair)\n`,
    );
    expect(several.code).toBe(2);
    expect((await served.sidecarset("logs", pod, "-c", "logtial")).stderr).toContain("did you mean logtail?");
    const nobody = await served.sidecarset("logs", `${pod.slice(0, -1)}_`);
    expect(nobody.stderr).toContain(`in namespace default; did you mean ${pod}?`);
  }, 180_000);

  it("is where exec sends kubectl, whose exit code is ours", async () => {
    const env = { PATH: `${folder}${delimiter}${process.env.PATH}` };
    const args = ["exec", pod, "-c", "logtail", "-i", "--kubeconfig", served.kubeconfig, "--", "cat", "/etc/a b", "-x"];
    const { stdout, code } = await runProgram(args, { env });
    const container = ["--namespace", "default", "--container", "logtail", "--stdin"];
    expect(stdout.trimEnd().split("\n")).toEqual([
      ...["--kubeconfig", served.kubeconfig, "exec", pod, ...container, "--", "cat", "/etc/a b", "-x"],
    ]);
    expect(code).toBe(7);
  }, 180_000);

  it("cannot be entered without kubectl, which is told", async () => {
    const { stderr, code } = await runProgram(
      ["exec", pod, "-c", "logtail", "--kubeconfig", served.kubeconfig, "--", "true"],
      { env: { PATH: tmpdir() } },
    );
    expect(stderr).toBe("error: exec goes through kubectl, which is not on the PATH; install it, or add its folder\n");
    expect(code).toBe(1);
    expect((await served.sidecarset("exec", pod, "-c", "logtail")).stderr).toContain("name the command after --");
  }, 180_000);
});
