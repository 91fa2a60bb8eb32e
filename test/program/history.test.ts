import { describe, expect, it } from "vitest";
import { SIDECAR_SETS } from "../../src/cluster/resource.ts";
import { eventually } from "../contract/fixtures.ts";
import { servedCluster } from "./changedSet.ts";

const served = servedCluster();

describe("sidecarset history", () => {
  it("tells when, by whom, what changed, how it ended and how many pods are there", async () => {
    await threeRevisions("past");
    const { stdout, stderr, code } = await served.sidecarset("history", "past");
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    const [head, ...rows] = stdout.trimEnd().split("\n");
    expect(head).toMatch(/^REV +AGE +BY +PODS +RESULT +TOOK +CHANGE$/);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatch(/^3 +\d+s +sidecarset +1\/2 +Progressing +- +logtail: 2 -> 3$/);
    expect(rows[1]).toMatch(/^2 +\d+[sm] +.* 0\/2 +Superseded +\d+s +logtail: 1 -> 2$/);
    expect(rows[2]).toMatch(/^1 +\d+[sm] +.* 1\/2 +Promoted +\d+s +logtail: logtail:1$/);
    const wide = await served.sidecarset("history", "past", "-o", "wide");
    expect(wide.stdout).toMatch(/past-[a-z0-9]+ +for the audit\n/);
  }, 240_000);

  it("is a documented object for scripts", async () => {
    await threeRevisions("json");
    const report = JSON.parse((await served.sidecarset("history", "json", "-o", "json")).stdout);
    expect(report).toMatchObject({
      apiVersion: "cli.sidecarset/v1",
      kind: "RolloutHistory",
      sidecarSet: "json",
      pods: 2,
      rollouts: [
        { revision: 3, pods: 1, result: "Progressing", change: "logtail: 2 -> 3", cause: "for the audit" },
        { revision: 2, pods: 0, result: "Superseded" },
        { revision: 1, pods: 1, result: "Promoted" },
      ],
    });
  }, 240_000);

  it("--diff says field by field what differs, and refuses a revision that is not there", async () => {
    await threeRevisions("diff");
    const { stdout } = await served.sidecarset("history", "diff", "--diff", "1..3");
    expect(stdout).toMatch(
      /^revision 1 \(diff-[a-z0-9]+\) → 3 \(diff-[a-z0-9]+\)\n {2}containers\[0\]\.image +logtail:1 → logtail:3 +in place\n$/,
    );
    expect((await served.sidecarset("history", "diff", "--diff", "2", "-o", "yaml")).stdout).toContain(
      "to: logtail:3\n",
    );
    const wrong = await served.sidecarset("history", "diff", "--diff", "1..9");
    expect(wrong.stderr).toMatch(/^error: --diff "9": there is no such revision; there are: 1 \(/);
    expect(wrong.code).toBe(2);
  }, 240_000);
});

/** Two pods: one follows every revision, the partition keeps the other on the first. */
async function threeRevisions(name: string): Promise<void> {
  await served.released(name, 2);
  await served.cluster.patch(
    SIDECAR_SETS,
    { name },
    {
      type: "merge",
      patch: { spec: { updateStrategy: { partition: 1 } } },
    },
  );
  await served.release(name, "logtail:2");
  await eventually(async () => expect((await served.set(name)).status).toMatchObject({ updatedReadyPods: 1 }));
  const metadata = { annotations: { "kubernetes.io/change-cause": "for the audit" } };
  await served.cluster.patch(SIDECAR_SETS, { name }, { type: "merge", patch: { metadata } });
  await served.sidecarset("set", "image", name, "logtail=logtail:3");
  await eventually(async () => expect((await served.set(name)).status).toMatchObject({ updatedReadyPods: 1 }));
}
