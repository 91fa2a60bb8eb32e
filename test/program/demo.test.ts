import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { runProgram, startProgram } from "./runProgram.ts";

describe("sidecarset demo", () => {
  it("keeps every promise of the story, over HTTPS, and ends by itself where nobody looks", async () => {
    const { code, stdout, stderr } = await runProgram(["demo"]);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/pods created with the sidecar +12 of 12/);
    expect(stdout).toMatch(/pods upgraded at partition 50% +6 of 12/);
    expect(stdout).toMatch(/pods upgraded in the end +12 of 12/);
    expect(stdout).toMatch(/pods recreated +0\n/);
    expect(stdout).toMatch(/application containers restarted +0\n/);
    expect(stdout).toMatch(/most pods unavailable at once +[1-3] \(limit 3\)/);
    expect(stdout).toContain("before  containers web-server (nginx:1.27.0)");
    expect(stdout).toContain("after   containers logtail (logtail:1.0.0), web-server (nginx:1.27.0)");
    expect(code).toBe(0);
  });

  it.each(["API server", "SidecarSet", "Injection"])("ends cleanly on Ctrl-C after the step %s", async (step) => {
    const program = startProgram(["demo"]);
    await program.said(step);
    program.process.kill("SIGINT");
    const { code, stdout, stderr } = await program.ended;
    expect(stderr).toBe("");
    expect(code).toBe(130);
    const [, kubeconfig] = /KUBECONFIG=(\S+)/.exec(stdout) ?? [];
    if (kubeconfig) expect(existsSync(kubeconfig)).toBe(false);
  });

  it.each([
    ["a closed terminal", ["SIGHUP"], 130],
    ["a second Ctrl-C", ["SIGINT", "SIGINT"], 130],
  ] as const)("leaves no kubeconfig behind on %s", async (_, signals, expected) => {
    const program = startProgram(["demo"]);
    await program.said("KUBECONFIG=");
    for (const signal of signals) program.process.kill(signal);
    const { code, stdout } = await program.ended;
    expect(code).toBe(expected);
    const [, kubeconfig] = /KUBECONFIG=(\S+)/.exec(stdout) ?? [];
    expect(kubeconfig).toBeDefined();
    expect(existsSync(kubeconfig!)).toBe(false);
  });

  it("says which port is taken", async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) =>
      taken.listen(0, "127.0.0.1", () => resolve((taken.address() as { port: number }).port)),
    );
    const { code, stderr } = await runProgram(["demo", "--port", String(port)]);
    taken.close();
    expect(stderr).toContain(String(port));
    expect(stderr).toMatch(/in use/);
    expect(code).toBe(1);
  });
});
