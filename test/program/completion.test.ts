import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { servedCluster } from "./changedSet.ts";

const served = servedCluster();
let folder: string;

/** The program on the PATH by each of its names. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "completion-"));
  for (const name of ["sidecarset", "kubectl_complete-sidecarset"]) symlinkSync(inject("program"), join(folder, name));
  await served.released("log-agent", 1);
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true }));

describe("completion", () => {
  it("knows the verbs, their options and the cluster's names", async () => {
    expect(await completed("pa")).toMatch(/^pause\tupgrade no further pod.*\n:4\n$/);
    expect(await completed("pause", "lo")).toBe("log-agent\n:4\n");
    expect(await completed("undo", "log-agent", "--to-revision", "")).toMatch(/^1\tlog-agent-[a-z0-9]+\n:4\n$/);
    expect(await completed("set", "image", "log-agent", "")).toBe("logtail=\tnow logtail:1\n:6\n");
    expect(await completed("logs", "log-agent-")).toMatch(/^log-agent-\w+-\w+\n:4\n$/);
    expect(await completed("validate", "-f", "")).toBe(":0\n");
  }, 240_000);

  it("offers nothing where the cluster does not answer", async () => {
    const { stdout, stderr } = await run("sidecarset", ["__complete", "pause", ""], { KUBECONFIG: "/nowhere" });
    expect([stdout, stderr]).toEqual([":4\n", ""]);
  });

  it("is asked by kubectl under a name of its own", async () => {
    expect((await run("kubectl_complete-sidecarset", ["resume", "l"])).stdout).toBe("log-agent\n:4\n");
  }, 180_000);

  it("works in bash, also after the sign of equality", async () => {
    expect(await inBash("sidecarset promote lo")).toEqual(["log-agent"]);
    expect(await inBash("sidecarset promote log-agent --output=j")).toEqual(["json"]);
    expect(await inBash("sidecarset set ")).toEqual(["image"]);
  }, 240_000);

  it("has a script for every shell", async () => {
    expect((await run("sidecarset", ["completion", "zsh"])).stdout).toMatch(/^#compdef sidecarset\n/);
    expect((await run("sidecarset", ["completion", "fish"])).stdout).toContain("complete -c sidecarset");
    expect((await run("sidecarset", ["completion", "kubectl"])).stdout).toContain("exec kubectl-sidecarset __complete");
  }, 180_000);
});

async function completed(...words: readonly string[]): Promise<string> {
  const { stdout } = await run("sidecarset", ["__complete", ...words]);
  return stdout;
}

/** What the key does at the end of the line. */
async function inBash(line: string): Promise<readonly string[]> {
  const script = join(folder, "ask.bash");
  writeFileSync(
    script,
    `source <(sidecarset completion bash)
COMP_LINE=$1 COMP_POINT=\${#1}
read -ra COMP_WORDS <<<"\${1//=/ = }"
[[ $1 == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_sidecarset
printf '%s\\n' "\${COMPREPLY[@]}"
`,
  );
  chmodSync(script, 0o755);
  const { stdout } = await run("bash", [script, line]);
  return stdout.trimEnd().split("\n");
}

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const path = `${folder}${delimiter}${process.env.PATH}`;
  return promisify(execFile)(program, [...args], {
    env: { ...process.env, NO_COLOR: "1", PATH: path, KUBECONFIG: served.kubeconfig, ...env },
  });
}
