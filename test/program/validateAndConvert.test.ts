import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { runProgram } from "./runProgram.ts";

const ARTICLE = "examples/launch-article";

/** Line and column count in the tests below. */
const MISTAKES = `apiVersion: apps.kruise.io/v1alpha1
kind: SidecarSet
metadata:
  name: one
  annotations: { "bad key": x }
spec:
  selector: { matchLabels: { app: web } }
  containers:
  - name: log
    image: log:1
    imagePullPolcy: Always
  updateStrategy:
    partition: half
--- # not ours
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
---
apiVersion: v1
kind: List
items:
- apiVersion: apps.kruise.io/v1beta1
  kind: SidecarSet
  metadata:
    name: two
    creationTimestamp: 2026-07-01T00:00:00Z
  spec:
    selector: { matchLabels: { app: web } }
    containers:
    - { name: log, image: log:2 }
    injectionStrategy: { revision: { revisionName: two-5c4f } }
---
a: 1
a: 2
`;

const HURTING = `apiVersion: apps.kruise.io/v1beta1
kind: SidecarSet
metadata:
  name: one
spec:
  selector: { matchLabels: { app: web } }
  containers:
  - { name: log-shipper, image: log,
      resources: {
        limits: {
          cpu: "1.500" } } }
  updateStrategy:
    maxUnavailable: 0
`;

describe("the verbs that read SidecarSet files", () => {
  it.each(["validate", "convert"])("%s explains itself with --help", async (verb) => {
    const { code, stdout } = await runProgram([verb, "--help"]);
    expect(stdout).toContain(`Usage: sidecarset ${verb}`);
    expect(stdout).toContain("Exit codes:");
    expect(code).toBe(0);
  });
});

describe("sidecarset validate", () => {
  it("names every finding of all documents at its place in the file", async () => {
    const { code, stdout, stderr } = await runProgram(["validate", "-f", "-"], { input: MISTAKES });
    const places = stdout.split("\n").map((line) => /^standard input:(\d+:\d+: \w+: [^:]+)/.exec(line)?.[1]);
    expect(places).toEqual([
      "5:18: error: metadata.annotations",
      "9:5: error: spec.containers[0].name",
      "11:5: warning: spec.containers[0].imagePullPolcy",
      "13:5: error: spec.updateStrategy.partition",
      "30:9: error: spec.containers[0].name",
      "34:1: error: Map keys must be unique",
      undefined,
    ]);
    expect(stdout).toContain('Duplicate value: "log": SidecarSet two, whose pods may be the same');
    expect(stdout).toContain("did you mean imagePullPolicy?");
    expect(stderr).toContain("standard input:15:1: skipped: ConfigMap settings is no SidecarSet");
    expect(stderr).toMatch(
      /standard input:31:26: not checked without a cluster: .* whether the pinned revision exists/,
    );
    expect(stderr).toContain("2 SidecarSets checked: 5 errors, 1 warning");
    expect(code).toBe(3);
  });

  it("says nothing on standard output when all is well", async () => {
    const { code, stdout, stderr } = await runProgram(["validate", "-f", `${ARTICLE}/sidecarset.yaml`]);
    expect(stdout).toBe("");
    expect(stderr).toBe("1 SidecarSet checked: 0 errors, 0 warnings\n");
    expect(code).toBe(0);
  });

  it("warns of what is legal but hurts at its place, and not where an error has spoken", async () => {
    const { code, stdout, stderr } = await runProgram(["validate", "-f", "-"], { input: HURTING });
    expect(stdout.split("\n").map((line) => line.replace(/(?<=L\d\d: [^:]+: ).*/, "..."))).toEqual([
      "standard input:8:26: warning: L07: spec.containers[0].image: ...",
      "standard input:11:11: warning: L14: spec.containers[0].resources.limits[cpu]: ...",
      "standard input:13:5: warning: L01: spec.updateStrategy.maxUnavailable: ...",
      "",
    ]);
    expect(stderr).toBe("1 SidecarSet checked: 0 errors, 3 warnings\n");
    expect(code).toBe(3);
    const broken = HURTING.replace("image: log", 'image: " log"').replace("maxUnavailable: 0", "maxUnavailable: -1");
    const lines = (await runProgram(["validate", "-f", "-"], { input: broken })).stdout.trim().split("\n");
    expect(lines.map((line) => /(?:error|warning): (?:L\d\d: )?[^:]+/.exec(line)?.[0])).toEqual([
      "error: spec.containers[0].image",
      "warning: L14: spec.containers[0].resources.limits[cpu]",
      "error: spec.updateStrategy.maxUnavailable",
    ]);
  });

  it("finds the article's canary mistake where it is", async () => {
    const file = `${ARTICLE}/canary-with-a-mistake.yaml`;
    const { code, stdout } = await runProgram(["validate", "-f", file]);
    expect(stdout).toMatch(new RegExp(`^${file}:\\d+:\\d+: error: spec.updateStrategy.selector.matchLabels: `));
    expect(code).toBe(3);
  });

  it("goes on after what is no object, and says where an alias leads nowhere", async () => {
    const input =
      "just text\n---\napiVersion: v1\nkind: List\nitems: [5, {apiVersion: v1, kind: Pod, spec: *nobody}]\n";
    const { code, stdout } = await runProgram(["validate", "-f", "-"], { input });
    expect(stdout).toMatch(/^standard input:1:1: error: a Kubernetes object is expected/);
    expect(stdout).toContain("standard input:5:46: error: Unresolved alias");
    expect(code).toBe(3);
  });

  it("prints a report for programs", async () => {
    const { code, stdout } = await runProgram(["validate", "-f", "-", "-o", "json"], { input: MISTAKES });
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ apiVersion: "cli.sidecarset/v1", kind: "ValidationReport", clean: false });
    expect(report.findings).toHaveLength(6);
    expect(report.findings).toContainEqual({
      severity: "error",
      source: "standard input",
      line: 13,
      column: 5,
      sidecarSet: "one",
      field: "spec.updateStrategy.partition",
      type: "FieldValueInvalid",
      message: expect.stringContaining('"half"'),
    });
    const hurting = JSON.parse((await runProgram(["validate", "-f", "-", "-o", "json"], { input: HURTING })).stdout);
    expect(hurting.findings).toContainEqual({
      severity: "warning",
      source: "standard input",
      line: 13,
      column: 5,
      sidecarSet: "one",
      field: "spec.updateStrategy.maxUnavailable",
      type: "L01",
      message: expect.stringMatching(/^0 lets no ready pod be updated/),
    });
    expect(report.checked.map(({ name }: { name: string }) => name)).toEqual(["one", "two"]);
    expect(report.skipped).toMatchObject([{ kind: "ConfigMap", name: "settings", line: 15 }]);
    expect(report.notChecked).toMatchObject([{ field: "spec.injectionStrategy.revision", sidecarSet: "two" }]);
    expect(code).toBe(3);
  });

  it.each([[["validate"]], [["validate", "-f", "nowhere.yaml"]], [["validate", "-f", "examples/pod.yaml"]]])(
    "%j is wrong usage: there is nothing to check",
    async (args) => {
      expect((await runProgram(args)).code).toBe(2);
    },
  );
});

describe("sidecarset convert", () => {
  it("writes the other version and leaves other kinds as they were written", async () => {
    const other = "apiVersion: v1\nkind: ConfigMap # kept\ndata: {at: 22:22}\n";
    const { code, stdout, stderr } = await runProgram(
      ["convert", "-f", `${ARTICLE}/sidecarset.yaml`, "-f", "-", "--to", "v1beta1"],
      { input: `--- # a marker\n${other}` },
    );
    const [set] = parseAllDocuments(stdout).map((document) => document.toJS());
    expect(set).toMatchObject({
      apiVersion: "apps.kruise.io/v1beta1",
      spec: { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "ns-1" } } },
    });
    expect(set).not.toHaveProperty("status");
    expect(stdout.endsWith(`---\n# a marker\n${other}`)).toBe(true);
    expect(stderr).toBe("");
    expect(code).toBe(0);
  });

  it("is undone by converting back, but for the namespace that became a selector", async () => {
    const beta = await runProgram(["convert", "-f", `${ARTICLE}/canary.yaml`, "--to", "v1beta1"]);
    const alpha = await runProgram(["convert", "-f", "-", "--to", "v1alpha1"], { input: beta.stdout });
    const again = await runProgram(["convert", "-f", "-", "--to", "v1beta1", "-o", "json"], { input: alpha.stdout });
    expect(parse(alpha.stdout).apiVersion).toBe("apps.kruise.io/v1alpha1");
    expect(JSON.parse(again.stdout)).toEqual(parse(beta.stdout));
  });

  it("warns of a field that is lost, at its place", async () => {
    const input = MISTAKES.slice(0, MISTAKES.indexOf("---"));
    const { code, stdout, stderr } = await runProgram(["convert", "-f", "-", "--to", "v1beta1"], { input });
    expect(stderr).toBe(
      "standard input:11:5: warning: spec.containers[0].imagePullPolcy: lost: v1beta1 has no such field\n",
    );
    expect(stdout).not.toContain("imagePullPolcy");
    expect(code).toBe(0);
  });

  it("tells which of our fields OpenKruise would not have, and which it would not understand", async () => {
    const input = MISTAKES.slice(0, MISTAKES.indexOf("---"))
      .replace("imagePullPolcy: Always", "podOverrides: [imageTag]")
      .replace("partition: half", "scatterStrategy: [{ key: zone }]");
    const { code, stdout, stderr } = await runProgram(["convert", "-f", "-", "--to", "v1beta1"], { input });
    expect(stderr.split("\n")).toEqual([
      "standard input:11:5: warning: spec.containers[0].podOverrides: lost: OpenKruise has no such field",
      "standard input:13:23: warning: spec.updateStrategy.scatterStrategy[0]: kept, but OpenKruise takes an absent value for an empty one",
      "",
    ]);
    expect(stdout).not.toContain("podOverrides");
    expect(code).toBe(0);
  });

  it("prints nothing when an object cannot be read, and says where", async () => {
    const { code, stdout, stderr } = await runProgram([
      "convert",
      "-f",
      `${ARTICLE}/canary-with-a-mistake.yaml`,
      "--to",
      "v1beta1",
    ]);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/canary-with-a-mistake.yaml:\d+:\d+: error: spec.updateStrategy.selector.matchLabels: /);
    expect(code).toBe(3);
  });

  it.each([[[]], [["--to", "v2"]]])("with %j is wrong usage", async (args) => {
    expect((await runProgram(["convert", "-f", "examples/pod.yaml", ...args])).code).toBe(2);
  });
});
