import fc from "fast-check";
import { expect, it } from "vitest";
import { type AdmissionAnswer, admissionReviewOf, admissionReviewText, failure } from "./admissionReview.ts";

const text = fc.string({ unit: "grapheme" });
const operation = fc.record({ op: fc.constant("add" as const), path: text, value: text });
const answer: fc.Arbitrary<AdmissionAnswer> = fc.oneof(
  fc.record({ allowed: fc.constant(true as const), patch: fc.array(operation), warnings: fc.array(text) }),
  fc.constant({ allowed: false as const, status: failure({ code: 422, message: 'no "name"' }) }),
);

it("the text of an answer says what the answer is", () => {
  fc.assert(
    fc.property(text, answer, (uid, given) => {
      expect(JSON.parse(admissionReviewText(uid, given))).toEqual(admissionReviewOf(uid, given));
    }),
  );
});
