import { describe, expect, it } from "vitest";
import { settle } from "../../test/virtualClock.ts";
import { StreamedPlans } from "./streamedPlans.ts";

const SENT = Promise.resolve();
const never = new Promise<never>(() => {});

describe("plans that stream", () => {
  it("let the next one be made when all is sent, however long the answers take", async () => {
    const plans = new StreamedPlans(() => {});
    await plans.follow("logging", { sent: SENT, trouble: never });
    expect(() => plans.tellFailure("logging")).not.toThrow();
  });

  it("tell a failure that came later once, by a run that is asked for", async () => {
    const asked: string[] = [];
    const plans = new StreamedPlans((name) => asked.push(name));
    await plans.follow("logging", { sent: SENT, trouble: Promise.resolve("down") });
    await settle();
    expect(asked).toEqual(["logging"]);
    expect(() => plans.tellFailure("logging")).toThrow("down");
    expect(() => plans.tellFailure("logging")).not.toThrow();
    expect(() => plans.tellFailure("other")).not.toThrow();
  });

  it("last until everything is answered as long as the set is in trouble, so that each failure counts", async () => {
    const plans = new StreamedPlans(() => {});
    await plans.follow("logging", { sent: SENT, trouble: Promise.resolve("down") });
    await settle();
    await expect(plans.follow("logging", { sent: SENT, trouble: Promise.resolve("still down") })).rejects.toBe(
      "still down",
    );
    await plans.follow("logging", { sent: SENT, trouble: Promise.resolve(undefined) });
    await plans.follow("logging", { sent: SENT, trouble: never });
  });
});
