import { describe, expect, it } from "vitest";
import { aPod } from "../../../test/aPod.ts";
import { isMarkedNotUpgradable, upgradableCondition } from "./upgradableCondition.ts";

const NOW = Date.parse("2026-06-10T00:00:00Z");
const withMessage = (message: string, status = "False") => ({
  ...aPod(),
  upgradable: { status, reason: "UpdateImmutableField", message },
});

describe("the condition SidecarSetUpgradable", () => {
  it("gets the answer of one set, and those of others stay", () => {
    const pod = withMessage('{"other":false,"logging":false}');
    expect(isMarkedNotUpgradable(pod, "logging")).toBe(true);
    expect(upgradableCondition(pod, { sidecarSet: "logging", upgradable: true }, NOW)).toEqual({
      type: "SidecarSetUpgradable",
      status: "False",
      lastProbeTime: null,
      reason: "UpdateImmutableField",
      message: '{"logging":true,"other":false}',
    });
  });

  it("is true again when no set says no, with the time", () => {
    const healed = upgradableCondition(
      withMessage('{"logging":false}'),
      { sidecarSet: "logging", upgradable: true },
      NOW,
    );
    expect(healed).toMatchObject({ status: "True", lastTransitionTime: "2026-06-10T00:00:00Z" });
  });

  it.each(["null", "no JSON", "[true]", '"logging"', "{", "7"])("with the message %j is written anew", (message) => {
    const pod = withMessage(message);
    expect(isMarkedNotUpgradable(pod, "logging")).toBe(false);
    const written = upgradableCondition(pod, { sidecarSet: "logging", upgradable: false }, NOW);
    expect(written).toMatchObject({ status: "False", message: '{"logging":false}' });
  });
});
