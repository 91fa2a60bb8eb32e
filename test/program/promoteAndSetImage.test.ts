import { describe, expect, it } from "vitest";
import { PODS, SIDECAR_SETS } from "../../src/cluster/resource.ts";
import { eventually } from "../contract/fixtures.ts";
import { servedCluster } from "./changedSet.ts";

const served = servedCluster();

describe("sidecarset set image", () => {
  it("releases an image to the pods, names both revisions, and is taken back by what it prints", async () => {
    await served.released("release", 2);
    const { stdout, stderr, code } = await served.sidecarset("set", "image", "release", "logtail=logtail:2");
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    expect(stdout).toMatch(/^sidecarset\/release is released as revision 2, after 1\n/);
    expect(stdout).toMatch(/containers\[0\]\.image +logtail:1 → logtail:2 +in place\n/);
    expect(stdout).toContain("2 pods carry it and follow in place, at most 1 at once\n");
    await updated("release", 2);
    const [, again] = /take it back: sidecarset (.*) --kubeconfig/.exec(stdout)!;
    expect((await served.sidecarset(...again!.split(" "))).stdout).toContain("goes back to revision 1");
    expect((await served.set("release")).spec.containers[0].image).toBe("logtail:1");
  }, 240_000);

  it("warns when it supersedes a rollout that is not finished", async () => {
    await served.released("twice", 4, { updateStrategy: { partition: "50%" } });
    await served.release("twice", "logtail:2");
    await updated("twice", 2);
    const { stderr, stdout } = await served.sidecarset(
      "set",
      "image",
      "twice",
      "logtail=logtail:3",
      "--dry-run=server",
    );
    expect(stderr).toMatch(
      /^warning: the rollout of twice to twice-[a-z0-9]+ is unfinished \(2 of 4 pods\): it is superseded\n/,
    );
    expect(stdout).toContain("4 pods carry it and follow in place, at most 1 at once, 2 held by the partition");
    expect((await served.set("twice")).spec.containers[0].image).toBe("logtail:2");
  }, 240_000);

  it("says what is wrong with what it is given", async () => {
    await served.released("wrong", 1);
    const run = async (...words: string[]) => {
      const { stderr, code } = await served.sidecarset("set", "image", "wrong", ...words);
      return [stderr, code];
    };
    expect(await run("logtial=logtail:2")).toEqual([
      'error: SidecarSet "wrong" has no container "logtial"; did you mean logtail?\n',
      2,
    ]);
    expect(await run("web=web:2")).toEqual([
      'error: SidecarSet "wrong" has no container "web"; there are: logtail\n',
      2,
    ]);
    expect(await run("logtail:2")).toEqual([
      'error: "logtail:2": CONTAINER=IMAGE is expected, for instance fluent-bit=fluent-bit:3.2.1\n',
      2,
    ]);
    expect((await run("logtail=Log Tail"))[0]).toContain('logtail="Log Tail": this is no image');
  }, 240_000);
});

describe("sidecarset promote", () => {
  it("goes step by step, to a share, and to the end", async () => {
    await served.released("steps", 4, { updateStrategy: { partition: "75%", maxUnavailable: 2 } });
    await served.release("steps", "logtail:2");
    await updated("steps", 1);
    const next = await served.sidecarset("promote", "steps");
    expect(next.stdout).toMatch(/^sidecarset\/steps is promoted\n {2}updateStrategy\.partition +75% → 50% /);
    expect(next.stdout).toMatch(
      /1 of 4 pods have the newest revision .*; 1 more may follow, at most 2 at once\n {2}2 pods stay/,
    );
    await updated("steps", 2);
    const share = await served.sidecarset("promote", "steps", "--to", "75%");
    expect(share.stdout).toContain("50% → 25%");
    await updated("steps", 3);
    expect((await served.sidecarset("promote", "steps", "--to", "30%")).stderr).toBe(
      "error: --to 30%: 3 of 4 pods are released already, and promote only goes forward; name more than that\n",
    );
    await served.sidecarset("promote", "steps", "--full");
    await updated("steps", 4);
    expect((await served.sidecarset("promote", "steps")).stdout).toBe(
      "sidecarset/steps holds nothing back: updateStrategy has neither a selector nor a partition above 0; nothing is written\n",
    );
  }, 240_000);

  it("leads from a canary to a share of all pods without releasing the others", async () => {
    await served.released("canary", 4, { updateStrategy: { selector: { matchLabels: { canary: "true" } } } });
    const [first] = await served.podsOf("canary");
    const { name, namespace } = first!.metadata;
    const patch = { metadata: { labels: { canary: "true" } } };
    await served.cluster.patch(PODS, { name: name!, namespace: namespace! }, { type: "merge", patch });
    await served.release("canary", "logtail:2");
    await updated("canary", 1);
    const { stdout } = await served.sidecarset("promote", "canary");
    expect(stdout).toContain("selector and partition change in one patch");
    expect((await served.set("canary")).spec.updateStrategy).toMatchObject({ partition: "50%" });
    expect((await served.set("canary")).spec.updateStrategy.selector).toBeUndefined();
    await updated("canary", 2);
    expect((await served.set("canary")).status).toMatchObject({ heldPods: 2 });
  }, 240_000);

  it("is refused with the field where no pod is ever upgraded, and warns where all is paused", async () => {
    await served.released("never", 1, { updateStrategy: { type: "NotUpdate", partition: 1 } });
    const { stderr, code } = await served.sidecarset("promote", "never");
    expect(stderr).toContain('SidecarSet "never" cannot be promoted: spec.updateStrategy.type is NotUpdate');
    expect(code).toBe(1);
    await served.cluster.patch(
      SIDECAR_SETS,
      { name: "never" },
      {
        type: "merge",
        patch: { spec: { updateStrategy: { type: "RollingUpdate", paused: true } } },
      },
    );
    expect((await served.sidecarset("promote", "never", "--full")).stderr).toContain(
      "warning: updates of never are paused: nothing moves before sidecarset resume never",
    );
  }, 240_000);
});

function updated(name: string, pods: number): Promise<void> {
  return eventually(async () => expect((await served.set(name)).status).toMatchObject({ updatedReadyPods: pods }));
}
