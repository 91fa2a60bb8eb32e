import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { INJECTION_REASONS, updateCode } from "../../src/core/explanation/reasonNames.ts";
import { REASON_CODES } from "../../src/core/rollout/verdict.ts";

const page = readFileSync(new URL("../../docs/reference/reasons.md", import.meta.url), "utf8");
const stories = ["injection", "update"]
  .map((about) => readFileSync(new URL(`../stories/codes/${about}Stories.ts`, import.meta.url), "utf8"))
  .join("\n");

const rows = [...page.matchAll(/^\| <a id="([iu]\d\d)"><\/a>([IU]\d\d) \| `(\w+)` \|/gm)].map(
  ([, anchor = "", code = "", name = ""]) => ({ anchor, code, name }),
);

/** Documented, and not found by anything yet: no cluster refuses the image of an init container. */
const WITHOUT_STORY = ["U13"];

describe("the reference of the reasons", () => {
  it("has a row with an anchor for every reason that explain can tell", () => {
    const updates = Object.keys(REASON_CODES).filter((because) => because !== "notInjected");
    const told = [
      ...Object.entries(INJECTION_REASONS),
      ...[...updates, "notObserved"].map((because) => [updateCode(because as "notObserved"), because]),
    ];
    for (const [code = "", name = ""] of told) expect(rows).toContainEqual({ anchor: code.toLowerCase(), code, name });
  });

  it("has a story for every row, in which the state comes and goes", () => {
    const played = new Set([...stories.matchAll(/code: "([IU]\d\d)"/g)].map(([, code]) => code));
    expect(rows.map(({ code }) => code).filter((code) => !played.has(code))).toEqual(WITHOUT_STORY);
  });
});
