import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CodeWorld } from "../stories/codes/codeWorld.ts";

let world: CodeWorld;

beforeAll(async () => {
  world = await CodeWorld.embedded();
  world.name = "shop";
  await world.namespace();
  await world.sidecarSet({ updateStrategy: { partition: 2, maxUnavailable: 2 } });
  await world.pods(4);
  await world.setImage("logtail:2");
  await world.settled();
}, 90_000);
afterAll(() => world.close());

describe("sidecarset get", () => {
  it("shows all SidecarSets, as people and programs want them", async () => {
    const table = await world.program("get");
    expect(table.stdout.split("\n")[0]).toMatch(/^ +NAME +PHASE +SELECTED +MATCHED +UPDATED +READY +HELD +STUCK +AGE$/);
    expect(table.stdout).toMatch(/^· +shop +Held +4 +4 +2 +2 +2 +0 +\d/m);
    expect((await world.program("get", "-o", "wide")).stdout).toMatch(/ 0\/2 +shop-[a-z0-9]+ +logtail: 1 -> 2$/m);
    expect((await world.program("get", "-o", "name")).stdout).toBe("sidecarset.apps.kruise.io/shop\n");
    expect(JSON.parse((await world.program("get", "-o", "json")).stdout)).toMatchObject({
      apiVersion: "cli.sidecarset/v1",
      kind: "RolloutViewList",
      items: [{ sidecarSet: "shop", phase: "Held" }],
    });
  });

  it("shows one with its pods by revision, and counts them itself", async () => {
    const { stdout } = await world.program("get", "shop");
    expect(stdout).toMatch(/^· shop {2}Held {2}HeldByPartition/);
    expect(stdout).toMatch(/^ {2}Step {7}2\/2 updated, 2 ready, 50% of all\n {13}██··$/m);
    expect(stdout).toMatch(/^├─ # 2 shop-\w+ {2}2 pods {2}newest {2}logtail:2\n│ {2}└─ ✔ 2 ready$/m);
    expect(stdout).toMatch(/^└─ U05 partition {2}2 pods {2}shop\/web-\d, shop\/web-\d$/m);
    const view = JSON.parse((await world.program("get", "shop", "-o", "json")).stdout);
    expect(view).toMatchObject({
      kind: "RolloutView",
      pods: { selected: 4, matched: 4, updated: 2, updatedReady: 2, held: 2, queued: 0, stuck: 0 },
      step: { pods: 2, updated: 2, ready: 2 },
      waiting: [{ code: "U05", because: "partition", about: "update", pods: 2 }],
    });
    expect(view.revisions.map(({ pods, newest }: never) => [pods, newest])).toEqual([
      [2, true],
      [2, false],
    ]);
  });

  it("is plain where it has to be", async () => {
    const { stdout } = await world.program("get", "shop", "--ascii");
    expect([...stdout].filter((character) => character > "~")).toEqual([]);
    expect(stdout).toMatch(/^ {13}##--$/m);
  });

  it("says one line per change while it watches, and a document per change for programs", async () => {
    const lines = world.startProgram("get", "shop", "--watch");
    const documents = world.startProgram("get", "--watch", "-o", "jsonl");
    await Promise.all([lines.said("2/2 updated, 2 ready"), documents.said('"updated":2')]);
    await world.edit({ updateStrategy: { partition: 1 } });
    await Promise.all([lines.said("3/3 updated, 3 ready"), documents.said('"updated":3,"updatedReady":3')]);
    for (const { process } of [lines, documents]) process.kill("SIGINT");
    const [told, views] = await Promise.all([lines.ended, documents.ended]);
    expect([told.code, views.code]).toEqual([130, 130]);
    const texts = told.stdout.trimEnd().split("\n");
    for (const text of texts) {
      expect(text).toMatch(/^\d\d:\d\d:\d\d ((Held|Progressing) +\d\/\d updated, |NotObserved {2}generation \d )/);
    }
    expect(texts.filter((text, at) => text.slice(9) === texts[at - 1]?.slice(9))).toEqual([]);
    for (const view of views.stdout.trimEnd().split("\n")) expect(JSON.parse(view).kind).toBe("RolloutView");
  });

  it("tells what is wrong with the question", async () => {
    const wrong = await world.program("get", "shop", "-w", "-o", "json");
    expect([wrong.stderr, wrong.code]).toEqual(["error: -o json is one document; with --watch say -o jsonl\n", 2]);
    const nobody = await world.program("get", "nobody");
    expect([nobody.stderr, nobody.code]).toEqual(['error: there is no SidecarSet "nobody"; there are: shop\n', 1]);
  });
});

describe("sidecarset status", () => {
  it("ends with 0 where the strategy lets no more go, and with 5 where all are asked for", async () => {
    const step = await world.program("status", "shop");
    expect(step.stdout).toMatch(/^\d\d:\d\d:\d\d Held +3\/3 updated, 3 ready, budget 0\/2, 1 held\n$/);
    expect(step.code).toBe(0);
    for (const limit of ["--watch=false", "--timeout=1s"]) {
      const done = await world.program("status", "shop", "--until=done", limit);
      expect(done.stderr).toMatch(
        /^error: not there in time \(--until=done\): Held 3\/3 updated, .*\nsee: sidecarset explain pod\/web-\d -n shop /,
      );
      expect(done.code).toBe(5);
    }
  });

  it("waits until every pod is there", async () => {
    const waiting = world.startProgram("status", "shop", "--until=done", "--timeout", "60s");
    await waiting.said("Held");
    await world.edit({ updateStrategy: { partition: 0 } });
    const { code, stdout } = await waiting.ended;
    expect(stdout).toMatch(/Complete +4\/4 updated, 4 ready, budget 0\/2\n$/);
    expect(code).toBe(0);
  });

  it("ends with 4 where it is blocked, and says which command tells more", async () => {
    await world.setImage("logtail:missing");
    const { code, stderr } = await world.program("status", "shop", "--timeout", "60s");
    expect(stderr).toMatch(
      /^error: the rollout is blocked: the budget of 2 is held by 2 pods that will not get ready: /,
    );
    expect(stderr).toMatch(/\nsee: sidecarset explain pod\/web-\d -n shop /);
    expect(code).toBe(4);
    const { stdout } = await world.program("get", "shop");
    expect(stdout).toMatch(/^✖ shop {2}Blocked {2}BudgetExhausted/);
    expect(stdout).toMatch(
      /^│ {2}├─ ✖ {2}shop\/web-\d {2}logtail: (ErrImagePull|ImagePullBackOff|CrashLoopBackOff) +\d+s$/m,
    );
    const view = JSON.parse((await world.program("status", "shop", "--watch=false", "-o", "json")).stdout);
    expect(view).toMatchObject({ kind: "RolloutView", phase: "Blocked", budget: { used: 2, limit: 2 } });
  });

  it("refuses a time that is none", async () => {
    const { code, stderr } = await world.program("status", "shop", "--timeout", "soon");
    expect(stderr).toContain("a time such as 90s, 10m or 1h is expected.");
    expect(code).toBe(2);
  });
});
