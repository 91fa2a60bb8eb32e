import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../../contract/fixtures.ts";
import type { CodeWorld } from "./codeWorld.ts";

/** One code: how a cluster comes to it, what is told then, and what ends it. */
export interface CodeStory {
  readonly code: string;
  /** The pod … */
  readonly title: string;
  readonly bring: (world: CodeWorld) => Promise<void>;
  /** Which check fails, and what it has seen. Of a code that is no trouble: none. */
  readonly evidence?: readonly [check: string, observed: RegExp];
  /** Whether the program ends with 3; default true. */
  readonly finding?: boolean;
  /** The command that is told, where there is one; it is run, and the code is gone. */
  readonly fix?: RegExp;
  /** What ends the state where no command does. */
  readonly mend?: (world: CodeWorld) => Promise<void>;
  /** Left out: all pods with the row's label. */
  readonly target?: readonly string[];
  /** Left out: the world's name for the row. */
  readonly namespace?: string;
  /** Leaves the world as the next row expects it. */
  readonly afterwards?: (world: CodeWorld) => Promise<void>;
}

interface ToldPod {
  readonly pod: string;
  readonly sidecarSets: readonly {
    readonly sidecarSet: string;
    readonly finding: boolean;
    readonly docs: readonly string[];
    readonly injection: ToldAnswer;
    readonly update?: ToldAnswer;
  }[];
}

interface ToldAnswer {
  readonly code: string;
  readonly message: string;
  readonly advice?: string;
  readonly chain: readonly {
    readonly check: string;
    readonly code: string;
    readonly ok: boolean;
    readonly observed: string;
    readonly fix?: string;
  }[];
}

/** A case for each row, on a world of their own. */
export function playAll(stories: readonly CodeStory[], start: () => Promise<CodeWorld>): void {
  let world: CodeWorld;
  beforeAll(async () => {
    world = await start();
  }, 90_000);
  afterAll(() => world.close());

  it.each(stories.map((story) => [story.code, story.title, story] as const))(
    "%s: the pod %s",
    async (_code, _title, story) => play(world, story),
    90_000,
  );
}

/** Brings the world into the state, reads what the program tells of it, does what it says, and sees the state gone. */
async function play(world: CodeWorld, story: CodeStory): Promise<void> {
  world.name =
    story.namespace ??
    story.title
      .replaceAll(/[^a-z]+/g, "-")
      .slice(0, 40)
      .replace(/-$/, "");
  const target = story.target ?? ["-l", `app=${world.name}`];
  await world.withManager();
  await story.bring(world);
  const answer = await eventually(async () => {
    const told = await world.explain(...target);
    const found = answersOf(told.report.pods).find(({ code }) => code === story.code);
    if (!found)
      throw new Error(
        `not told: ${story.code}; but ${JSON.stringify([told.report.groups, answersOf(told.report.pods)])}`,
      );
    expect(told.code).toBe((story.finding ?? true) ? 3 : 0);
    return found;
  });
  const failed = answer.chain.find(({ ok }) => !ok);
  expect(failed && [failed.code, failed.check]).toEqual(story.evidence && [story.code, story.evidence[0]]);
  if (story.evidence) expect(failed!.observed).toMatch(story.evidence[1]);
  expect(failed?.fix ?? "").toMatch(story.fix ?? /^$/);
  if (story.finding ?? true) expect(answer.advice).toBeTruthy();
  if (failed?.fix) await world.shell.run(failed.fix);
  await story.mend?.(world);
  if (failed?.fix || story.mend) {
    await eventually(async () => {
      const { report, code } = await world.explain(...target);
      expect(report.pods).not.toEqual([]);
      expect(answersOf(report.pods).map((each) => each.code)).not.toContain(story.code);
      expect([code, report.groups]).toEqual([0, report.groups]);
    });
  }
  await story.afterwards?.(world);
  await world.clear();
}

function answersOf(pods: readonly ToldPod[]): readonly ToldAnswer[] {
  return pods.flatMap(({ sidecarSets }) =>
    sidecarSets.flatMap(({ injection, update }) => [injection, ...(update ? [update] : [])]),
  );
}
