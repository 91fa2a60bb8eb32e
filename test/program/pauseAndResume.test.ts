import { describe, expect, it } from "vitest";
import { SIDECAR_SETS } from "../../src/cluster/resource.ts";
import { eventually } from "../contract/fixtures.ts";
import { servedCluster } from "./changedSet.ts";

const served = servedCluster();

describe("sidecarset pause and resume", () => {
  it("hold a rollout and let it go on, and tell how many pods and how to take it back", async () => {
    await served.released("held", 3);
    const paused = await served.sidecarset("pause", "held");
    expect(paused).toMatchObject({ code: 0, stderr: "" });
    expect(paused.stdout).toMatch(/^sidecarset\/held is paused\n {2}updateStrategy\.paused +false → true /);
    expect(paused.stdout).toMatch(
      /\n {2}3 of 3 pods have the newest revision \(held-[a-z0-9]+\); pods that are created/,
    );
    await served.release("held", "logtail:2");
    await eventually(async () =>
      expect((await served.set("held")).status).toMatchObject({ heldPods: 3, updatedPods: 0 }),
    );
    const [, again] = /take it back: sidecarset (.*)\n/.exec(paused.stdout)!;
    const resumed = await served.sidecarset(...again!.split(" ").slice(0, 2));
    expect(resumed.stdout).toMatch(/^sidecarset\/held goes on\n/);
    expect(resumed.stdout).toMatch(
      /0 of 3 pods have .*; the others follow as its updateStrategy says, at most 1 at once\n/,
    );
    await eventually(async () => expect((await served.set("held")).status).toMatchObject({ updatedReadyPods: 3 }));
  }, 240_000);

  it("--injection stops the sidecars of new pods only", async () => {
    await served.released("closed", 1);
    const { stdout } = await served.sidecarset("pause", "closed", "--injection");
    expect(stdout).toContain("pods that are created meanwhile stay without it");
    expect((await served.set("closed")).spec).toMatchObject({ injectionStrategy: { paused: true } });
    expect((await served.set("closed")).spec.updateStrategy?.paused).toBeFalsy();
    expect((await served.sidecarset("resume", "closed", "--injection")).stdout).toContain("injects new pods again");
    expect((await served.set("closed")).spec.injectionStrategy.paused).toBe(false);
  }, 240_000);

  it("write nothing in a dry run, for a print of the patch, and when it is so already", async () => {
    await served.released("quiet", 1);
    const before = await served.set("quiet");
    const dryRun = await served.sidecarset("pause", "quiet", "--dry-run=server");
    expect(dryRun.stdout).toMatch(/^sidecarset\/quiet would be paused \(server dry run\)\n/);
    expect(dryRun.stdout).not.toContain("take it back");
    const { stdout } = await served.sidecarset("pause", "quiet", "--print-patch", "-o", "yaml");
    expect(stdout).toMatch(/^metadata:\n {2}resourceVersion: "\d+"\nspec:\n {2}updateStrategy:\n {4}paused: true\n$/);
    expect((await served.sidecarset("resume", "quiet")).stdout).toBe(
      "sidecarset/quiet is not paused; nothing is written\n",
    );
    expect((await served.set("quiet")).metadata.generation).toBe(before.metadata.generation);
  }, 240_000);

  it("print the object for scripts", async () => {
    await served.released("script", 1);
    const object = JSON.parse((await served.sidecarset("pause", "script", "-o", "json")).stdout);
    expect(object).toMatchObject({ kind: "SidecarSet", spec: { updateStrategy: { paused: true } } });
    expect((await served.sidecarset("resume", "script", "-o", "name")).stdout).toBe(
      "sidecarset.apps.kruise.io/script\n",
    );
  }, 240_000);

  it("warn when a tool writes the object from Git, and say what is near to a wrong name", async () => {
    await served.released("from-git", 1);
    const labels = { "kustomize.toolkit.fluxcd.io/name": "infra", "kustomize.toolkit.fluxcd.io/namespace": "flux" };
    await served.cluster.patch(SIDECAR_SETS, { name: "from-git" }, { type: "merge", patch: { metadata: { labels } } });
    const { stderr, code } = await served.sidecarset("pause", "from-git");
    expect(stderr).toContain(
      "warning: from-git is managed by Flux Kustomization flux/infra: this edit will be reverted",
    );
    expect(code).toBe(0);
    const wrong = await served.sidecarset("pause", "form-git");
    expect(wrong).toMatchObject({
      stderr: 'error: there is no SidecarSet "form-git"; did you mean from-git?\n',
      code: 1,
    });
  }, 240_000);
});
