import { describe, expect, it } from "vitest";
import { stopSwitches, stopText } from "./stopSwitches.ts";

const switches = (data?: Record<string, string>) =>
  stopSwitches({ metadata: { name: "sidecarset-switches" }, ...(data && { data }) } as never);

describe("a stop switch", () => {
  it("stops with its reason and since when", () => {
    const { updates, injection, trouble } = switches({
      updates: "stopped",
      reason: "the registry moves",
      since: "2026-06-10T08:00:00Z",
    });
    expect(updates).toEqual({ reason: "the registry moves", since: Date.parse("2026-06-10T08:00:00Z") });
    expect(stopText(updates!)).toBe("stopped (the registry moves, since 2026-06-10T08:00:00Z)");
    expect(injection).toBeUndefined();
    expect(trouble).toEqual([]);
  });

  it("is off where it is left out, or says running", () => {
    const alike: (Record<string, string> | undefined)[] = [undefined, {}, { updates: "running", injection: "running" }];
    for (const data of alike) {
      expect(switches(data)).toEqual({
        updates: undefined,
        injection: undefined,
        registration: undefined,
        trouble: [],
      });
    }
  });

  it.each(["Stopped", "stop", "true", "false", ""])("that says %j is on, and the text is told", (text) => {
    const { injection, updates, trouble } = switches({ injection: text, reason: "incident 7" });
    const told = `injection: "${text}" is neither "stopped" nor "running" and counts as stopped`;
    expect(injection).toEqual({ reason: `incident 7; ${told}`, since: undefined });
    expect(updates).toBeUndefined();
    expect(trouble).toEqual([told]);
  });

  it("that nobody knows is told", () => {
    expect(switches({ update: "stopped" })).toEqual({
      updates: undefined,
      injection: undefined,
      registration: undefined,
      trouble: ['"update" is no switch; there are updates, injection, registration, reason, since'],
    });
  });
});
