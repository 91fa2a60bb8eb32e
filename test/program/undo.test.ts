import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type DemoCluster, startDemoApiServer, startDemoManager } from "../../src/cli/demo/demoCluster.ts";
import type { Manager } from "../../src/cli/startManager.ts";
import { systemClock } from "../../src/cluster/environment.ts";
import { CONTROLLER_REVISIONS, SIDECAR_SETS } from "../../src/cluster/resource.ts";
import type { ControllerRevision, JsonObject } from "../../src/core/kube/object.ts";
import { aSidecarSetObject } from "../aSidecarSet.ts";
import { eventually, type Loose } from "../contract/fixtures.ts";
import { runProgram } from "./runProgram.ts";

let demo: DemoCluster;
let manager: Manager;
const end = new AbortController();

beforeAll(async () => {
  const environment = { clock: systemClock, random: Math.random, log: () => {} };
  demo = await startDemoApiServer({ environment, port: 0 });
  manager = await startDemoManager(demo, { environment, signal: end.signal });
}, 60_000);

afterAll(async () => {
  await manager.close();
  await demo.close();
});

describe("sidecarset undo", () => {
  let name: string;
  let count = 0;

  beforeEach(async () => {
    name = `undo-${++count}`;
    const { metadata: _, ...set } = aSidecarSetObject({
      selector: { matchLabels: { app: name } },
      containers: [{ name: "logtail", image: "logtail:1" }],
      updateStrategy: { partition: "50%" },
    });
    await demo.cluster.create<Loose>(SIDECAR_SETS, { ...set, metadata: { name } });
    await revisions(1);
    await write({ containers: [{ name: "logtail", image: "logtail:2" }] });
    await revisions(2);
    await write({ containers: [{ name: "logtail", image: "logtail:3" }], volumes: [{ name: "v", emptyDir: {} }] });
    await revisions(3);
  }, 60_000);

  it("goes back to the template before, and tells how to take it back", async () => {
    const { stdout, stderr, code } = await undo();
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^sidecarset\/undo-1 goes back to revision 2 \(undo-1-[a-z0-9]+\)\n/);
    expect(stdout).toMatch(/containers\[0\]\.image +logtail:3 → logtail:2 +in place\n/);
    expect(code).toBe(0);
    expect(await spec()).toMatchObject({ containers: [{ image: "logtail:2" }], updateStrategy: { partition: "50%" } });
    expect((await spec()).volumes).toBeUndefined();
    await eventually(async () => expect((await newest()).revision).toBe(4));
    expect(await revisions(3)).toHaveLength(3);
    const [, again] = /take it back: sidecarset (.*)\n/.exec(stdout)!;
    expect((await undo(...again!.split(" ").slice(2))).code).toBe(0);
    expect(await spec()).toMatchObject({ containers: [{ image: "logtail:3" }], volumes: [{ name: "v" }] });
  }, 60_000);

  it("goes to any revision, by number", async () => {
    expect((await undo("--to-revision", "1")).stdout).toMatch(/logtail:3 → logtail:1/);
    expect((await spec()).containers).toMatchObject([{ image: "logtail:1" }]);
  }, 60_000);

  it("writes nothing in a dry run, for a print of the patch, or when there is nothing to do", async () => {
    const before = await demo.cluster.get<Loose>(SIDECAR_SETS, { name });
    expect((await undo("--dry-run=server")).stdout).toContain("would go back to revision 2");
    const { stdout } = await undo("--print-patch");
    expect(JSON.parse(stdout)).toEqual({
      metadata: { resourceVersion: expect.stringMatching(/^\d+$/) },
      spec: { containers: [{ name: "logtail", image: "logtail:2" }], volumes: null },
    });
    expect((await undo("--to-revision", "3")).stdout).toContain("has the template of revision 3 already");
    expect((await demo.cluster.get<Loose>(SIDECAR_SETS, { name })).spec).toEqual(before.spec);
  }, 60_000);

  it("says what is there when it cannot", async () => {
    const wrong = await undo("--to-revision", "9");
    expect(wrong.stderr).toMatch(
      /^error: --to-revision "9": there is no such revision; there are: 1 \(.*\), 2 \(.*\), 3 \(/,
    );
    expect(wrong.code).toBe(2);
    const nobody = await runProgram(["undo", "nobody", "--kubeconfig", demo.kubeconfigPath]);
    expect([nobody.stderr, nobody.code]).toEqual(['error: there is no SidecarSet "nobody"\n', 1]);
    const elsewhere = await undo("--system-namespace", "default");
    expect(elsewhere.stderr).toContain("is --system-namespace right?");
  }, 60_000);

  function undo(...args: readonly string[]) {
    return runProgram(["undo", name, "--kubeconfig", demo.kubeconfigPath, ...args]);
  }

  async function write(patch: JsonObject): Promise<void> {
    await demo.cluster.patch(SIDECAR_SETS, { name }, { type: "merge", patch: { spec: patch } });
  }

  async function spec(): Promise<Loose["spec"]> {
    return (await demo.cluster.get<Loose>(SIDECAR_SETS, { name })).spec;
  }

  function revisions(expected: number): Promise<readonly ControllerRevision[]> {
    return eventually(async () => {
      const { items } = await demo.cluster.list<ControllerRevision>(CONTROLLER_REVISIONS, {
        namespace: "kruise-system",
        labelSelector: `kruise.io/sidecarset-name=${name}`,
      });
      expect(items).toHaveLength(expected);
      return items;
    });
  }

  async function newest(): Promise<ControllerRevision> {
    return (await revisions(3)).toSorted((one, other) => other.revision - one.revision)[0]!;
  }
});
