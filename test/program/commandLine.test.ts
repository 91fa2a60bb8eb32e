import { describe, expect, it } from "vitest";
import { runProgram } from "./runProgram.ts";

const ARTICLE = "examples/launch-article";

describe("the command line", () => {
  it.each([[], ["demo"], ["run"], ["inject"], ["version"]])("explains %s with --help", async (...verb) => {
    const { code, stdout } = await runProgram([...verb, "--help"]);
    expect(stdout).toContain("Usage: sidecarset");
    expect(stdout).toContain("Exit codes:");
    expect(code).toBe(0);
  });

  it("refuses an unknown verb as wrong usage", async () => {
    const { code, stderr } = await runProgram(["injct"]);
    expect(stderr).toContain("Did you mean inject?");
    expect(code).toBe(2);
  });

  it("refuses a port that is none", async () => {
    const { code, stderr } = await runProgram(["demo", "--port", "99999"]);
    expect(stderr).toContain('--port "99999" is no port');
    expect(code).toBe(2);
  });

  it("says why a kubeconfig leads nowhere", async () => {
    const missing = await runProgram(["run", "--kubeconfig", "/nowhere/kubeconfig"]);
    expect(missing.stderr).toContain("/nowhere/kubeconfig");
    expect(missing.code).toBe(1);
  });
});

describe("sidecarset inject", () => {
  it("prints the pod as the webhook would make it, and says why on standard error", async () => {
    const { code, stdout, stderr } = await runProgram([
      "inject",
      "-f",
      "examples/pod.yaml",
      "-f",
      `${ARTICLE}/sidecarset.yaml`,
    ]);
    expect(stdout).toMatch(/containers:\n +- name: logtail\n +image: logtail:1\.0\.0/);
    expect(stdout).toContain("kruise.io/sidecarset-injected-list: test-sidecarset");
    expect(stderr).toContain("test-sidecarset: injected logtail");
    expect(code).toBe(0);
  });

  it("injects the pods of a workload, and shows the difference", async () => {
    const { stdout, code } = await runProgram([
      "inject",
      "-f",
      `${ARTICLE}/web-server.yaml`,
      "-f",
      `${ARTICLE}/sidecarset.yaml`,
      "-o",
      "diff",
    ]);
    expect(stdout).toContain("+        - name: logtail");
    expect(stdout).not.toMatch(/^-\s+- name: web-server/m);
    expect(code).toBe(0);
  });

  it("reads a pod from standard input, and prints JSON", async () => {
    const input = JSON.stringify({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "other", namespace: "elsewhere", labels: { app: "web-server" } },
      spec: { containers: [{ name: "web", image: "nginx" }] },
    });
    const { stdout, stderr, code } = await runProgram(
      ["inject", "-f", "-", "-f", `${ARTICLE}/sidecarset.yaml`, "-o", "json"],
      { input },
    );
    expect(JSON.parse(stdout).spec.containers).toHaveLength(1);
    expect(stderr).toContain("not injected (I02)");
    expect(code).toBe(0);
  });

  it("names the field of the article's canary mistake and what is expected there", async () => {
    const { stderr, code } = await runProgram([
      "inject",
      "-f",
      "examples/pod.yaml",
      "-f",
      `${ARTICLE}/canary-with-a-mistake.yaml`,
    ]);
    expect(stderr).toContain("spec.updateStrategy.selector.matchLabels");
    expect(stderr).toContain("a map of label keys to values is expected");
    expect(code).toBe(1);
  });

  it("says that a file is missing", async () => {
    const { stderr, code } = await runProgram(["inject", "-f", "nowhere.yaml"]);
    expect(stderr).toContain("-f nowhere.yaml: there is no such file");
    expect(code).toBe(2);
  });
});
