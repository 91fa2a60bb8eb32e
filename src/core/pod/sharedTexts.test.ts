import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SharedTexts } from "./sharedTexts.ts";

describe("shared texts", () => {
  it("are always equal to what was asked for, however few may be kept", () => {
    fc.assert(
      fc.property(fc.nat(4), fc.array(fc.string({ maxLength: 1 })), (most, asked) => {
        const texts = new SharedTexts(most);
        expect(asked.map((text) => texts.of(text))).toEqual(asked);
      }),
    );
  });
});
