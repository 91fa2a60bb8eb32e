import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, inject, it } from "vitest";
import { eventually } from "../contract/fixtures.ts";
import { servedCluster } from "./changedSet.ts";

const served = servedCluster();

/** `script` gives the program a terminal, and types the answer. */
describe("a person at a terminal", () => {
  it("is told the effect and asked before pods follow; no is no, yes is yes", async () => {
    await served.released("asked", 2);
    const no = await atTerminal("n", "set", "image", "asked", "logtail=logtail:2");
    expect(no.screen).toContain("2 pods carry it and follow in place, at most 1 at once");
    expect(no.screen).toContain("Continue? [y/N]");
    expect(no.screen).toContain("error: nothing is written");
    expect(no.code).toBe(1);
    expect((await served.set("asked")).spec.containers[0].image).toBe("logtail:1");
    const yes = await atTerminal("y", "set", "image", "asked", "logtail=logtail:2");
    expect(yes.screen).toMatch(/Continue\? \[y\/N\].*sidecarset\/asked is released/s);
    expect(yes.code).toBe(0);
    await eventually(async () => expect((await served.set("asked")).status).toMatchObject({ updatedReadyPods: 2 }));
  }, 240_000);

  it("is not asked with --yes, nor before what is the safe side", async () => {
    await served.released("unasked", 1);
    const released = await atTerminal("", "set", "image", "unasked", "logtail=logtail:2", "--yes");
    expect(released.screen).not.toContain("Continue?");
    expect((await atTerminal("", "pause", "unasked")).screen).not.toContain("Continue?");
    expect((await served.set("unasked")).spec).toMatchObject({
      containers: [{ image: "logtail:2" }],
      updateStrategy: { paused: true },
    });
  }, 240_000);
});

async function atTerminal(answer: string, ...args: readonly string[]) {
  const command = [process.execPath, inject("program"), ...args, "--kubeconfig", served.kubeconfig].join(" ");
  const ended = promisify(execFile)("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
    env: { ...process.env, NO_COLOR: "1" },
  });
  ended.child.stdin?.end(`${answer}\n`);
  return ended.then(
    ({ stdout }) => ({ screen: stdout, code: 0 }),
    ({ stdout, code }: { readonly stdout: string; readonly code: number }) => ({ screen: stdout, code }),
  );
}
