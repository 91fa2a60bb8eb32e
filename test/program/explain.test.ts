import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CodeWorld } from "../stories/codes/codeWorld.ts";

interface ToldPod {
  readonly sidecarSets: readonly { readonly update: { readonly code: string } }[];
}

let world: CodeWorld;
const folder = mkdtempSync(join(tmpdir(), "explain-"));

beforeAll(async () => {
  world = await CodeWorld.embedded();
  world.name = "shop";
  await world.namespace();
  await world.sidecarSet({ updateStrategy: { partition: 1 } });
  await world.deployment(3);
  await world.setImage("logtail:2");
  await world.settled();
}, 90_000);
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await world.close();
});

function explain(...args: readonly string[]) {
  return world.program("explain", ...args);
}

describe("sidecarset explain", () => {
  it("folds the pods of a workload, and tells one of each finding in full", async () => {
    const { stdout, code } = await explain("deploy/shop", "-n", "shop");
    expect(stdout).toMatch(/^✖ shop: 1 of 3 pods {2}U05 {2}partition {2}shop\/shop-/m);
    expect(stdout).toMatch(/^✔ shop: 2 of 3 pods {2}U01 {2}upToDate/m);
    expect(stdout).toMatch(/^ {2}✖ partition {2}partition 1 keeps 1 pods back; rank 1 in the order of upgrades/m);
    expect(stdout).toMatch(/^ {2}Fix {5}kubectl patch sidecarset shop --type=merge -p '\{.*"partition":0/m);
    expect(code).toBe(3);
  });

  it("gives programs the whole chain, with its version", async () => {
    const { stdout } = await explain("deploy/shop", "-n", "shop", "-o", "json");
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ apiVersion: "cli.sidecarset/v1", kind: "Explanation", clean: false });
    const held = report.pods.find((pod: ToldPod) => pod.sidecarSets[0]?.update.code === "U05");
    const [{ injection, update, docs }] = held.sidecarSets;
    expect(held.workload).toBe("Deployment/shop");
    expect(injection).toMatchObject({ code: "", because: "injected", finding: false });
    expect(update.chain.map(({ ok }: { ok: boolean }) => ok)).toEqual([
      ...update.chain.slice(1).map(() => true),
      false,
    ]);
    expect(update.chain.at(-1)).toEqual({
      code: "U05",
      check: "partition",
      ok: false,
      observed: expect.any(String),
      expected: expect.any(String),
      fix: expect.stringMatching(/^kubectl patch /),
    });
    expect(update.queue).toEqual({ place: 1, order: expect.any(Array) });
    expect(docs).toEqual(["docs/reference/reasons.md#u05"]);
  });

  it("says of pods in files what they would get", async () => {
    const file = join(folder, "deployments.yaml");
    writeFileSync(file, [aDeployment("web", "shop"), aDeployment("api", "api")].join("---\n"));
    const { stdout, code } = await explain("-f", file, "-n", "shop", "-o", "json");
    const [web, api] = JSON.parse(stdout).pods;
    expect(web).toMatchObject({ pod: "shop/web", sidecarSets: [{ finding: false }] });
    expect(web.sidecarSets[0].injection.message).toBe("the pod would get the sidecars: logtail");
    expect(api.sidecarSets[0]).toMatchObject({ finding: true, injection: { code: "I01" } });
    expect(code).toBe(3);
  });

  it("prints names, YAML, and plain characters where they are wanted", async () => {
    const names = await explain("-l", "app=shop", "-A", "-o", "name");
    expect(names.stdout.split("\n").filter((line) => /^shop\/shop-/.test(line))).toHaveLength(3);
    expect((await explain("-l", "app=shop", "-A", "-o", "yaml")).stdout).toMatch(/^kind: Explanation$/m);
    const plain = await explain("deploy/shop", "-n", "shop", "--ascii");
    expect(plain.stdout).toMatch(/^x shop: 1 of 3/m);
    expect([...plain.stdout].filter((character) => character > "~")).toEqual([]);
  });

  it("tells what is wrong with the question", async () => {
    const answers = await Promise.all([
      explain(),
      explain("web", "-l", "app=web"),
      explain("ship/web"),
      explain("web", "-n", "shop"),
      explain("web", "--sidecar-set", "logs"),
    ]);
    expect(answers.map(({ stderr, code }) => [stderr.split("\n")[0], code])).toEqual([
      ["error: say which pods: KIND/NAME, -l SELECTOR or -f FILE, one of them", 2],
      ["error: say which pods: KIND/NAME, -l SELECTOR or -f FILE, one of them", 2],
      [expect.stringMatching(/^error: "ship\/web": KIND\/NAME is expected, with one of pod, deployment, /), 2],
      ['error: there is no Pod "web" in namespace shop; another one is named with -n', 1],
      ['error: there is no SidecarSet "logs"; there are: shop', 1],
    ]);
  });
});

function aDeployment(name: string, app: string): string {
  return JSON.stringify({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "shop" },
    spec: {
      selector: { matchLabels: { app } },
      template: { metadata: { labels: { app } }, spec: { containers: [{ name: "app", image: "app:1" }] } },
    },
  }).concat("\n");
}
