import { describe, expect, it } from "vitest";
import { runProgram } from "./runProgram.ts";

const ARTICLE = "examples/launch-article";

describe("the command line", () => {
  it.each([[], ["demo"], ["run"], ["inject"], ["simulate"], ["preview"], ["version"]])(
    "explains %s with --help",
    async (...verb) => {
      const { code, stdout } = await runProgram([...verb, "--help"]);
      expect(stdout).toContain("Usage: sidecarset");
      expect(stdout).toContain("Exit codes:");
      expect(code).toBe(0);
    },
  );

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

describe("sidecarset run", () => {
  it("refuses a webhook address that no API server would call, before it asks the cluster", async () => {
    const { code, stderr } = await runProgram(["run", "--kubeconfig", "/nowhere/kubeconfig", "--webhook-url", "foo"]);
    expect(stderr).toBe('error: --webhook-url "foo": https://HOST[:PORT] is expected, as the API server reaches us\n');
    expect(code).toBe(2);
  });

  it("refuses a system namespace that none can be", async () => {
    const { code, stderr } = await runProgram(["run", "--system-namespace", "Bad_NS"]);
    expect(stderr).toContain('--system-namespace "Bad_NS"');
    expect(code).toBe(2);
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

  it("asks for files where none are named", async () => {
    const { code, stderr } = await runProgram(["inject"]);
    expect(stderr).toContain("required option '-f, --filename <file>' not specified");
    expect(code).toBe(2);
  });

  it("says what it found where pods are missing", async () => {
    const { code, stderr } = await runProgram(["inject", "-f", `${ARTICLE}/sidecarset.yaml`]);
    expect(stderr).toContain("no pod or workload among the files (found: SidecarSet)");
    expect(code).toBe(2);
  });

  it("refuses a SidecarSet that admission would refuse, field by field", async () => {
    const input = JSON.stringify({
      apiVersion: "apps.kruise.io/v1alpha1",
      kind: "SidecarSet",
      metadata: { name: "nameless" },
      spec: {
        selector: { matchLabels: { app: "web-server" } },
        containers: [{ image: "logtail:1.0.0" }],
        updateStrategy: { maxUnavailable: "x" },
      },
    });
    const { code, stderr } = await runProgram(["inject", "-f", "-", "-f", "examples/pod.yaml"], { input });
    expect(stderr).toContain("standard input:1:1: SidecarSet nameless is invalid:");
    expect(stderr).toContain("  spec.containers[0].name: ");
    expect(stderr).toContain("  spec.updateStrategy.maxUnavailable: ");
    expect(code).toBe(1);
  });

  it("refuses the same SidecarSet twice", async () => {
    const set = ["-f", `${ARTICLE}/sidecarset.yaml`];
    const { code, stderr } = await runProgram(["inject", ...set, ...set, "-f", "examples/pod.yaml"]);
    expect(stderr).toContain("SidecarSet test-sidecarset is given twice");
    expect(code).toBe(2);
  });

  it("names the field of a workload without a pod template", async () => {
    const input = JSON.stringify({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" }, spec: {} });
    const { code, stderr } = await runProgram(["inject", "-f", "-", "-f", `${ARTICLE}/sidecarset.yaml`], { input });
    expect(stderr).toContain("Deployment default/web is invalid:\n  spec.template: an object is expected");
    expect(code).toBe(1);
  });

  it("shows nothing as the difference where nothing changes", async () => {
    const input = JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: {}, spec: { containers: [] } });
    const { code, stdout } = await runProgram(["inject", "-f", "-", "-f", `${ARTICLE}/sidecarset.yaml`, "-o", "diff"], {
      input,
    });
    expect(stdout).toBe("");
    expect(code).toBe(0);
  });

  it("takes a canary whose base is not among the files: the cluster may have it", async () => {
    const canary = {
      apiVersion: "apps.kruise.io/v1beta1",
      kind: "SidecarSet",
      metadata: {
        name: "canary",
        annotations: { "apps.kruise.io/sidecarset-canary": "true", "apps.kruise.io/sidecarset-base": "stable" },
      },
      spec: {
        selector: { matchLabels: { app: "web-server" } },
        containers: [{ name: "logtail", image: "logtail:2.0.0" }],
        updateStrategy: { type: "NotUpdate" },
      },
    };
    const { stderr, code } = await runProgram(["inject", "-f", "-", "-f", "examples/pod.yaml"], {
      input: JSON.stringify(canary),
    });
    expect(stderr).toContain("canary: injected logtail");
    expect(code).toBe(0);
  });

  it("says that a file is missing", async () => {
    const { stderr, code } = await runProgram(["inject", "-f", "nowhere.yaml"]);
    expect(stderr).toContain("-f nowhere.yaml: there is no such file");
    expect(code).toBe(2);
  });
});
