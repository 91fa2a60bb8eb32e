import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { CERTIFICATE_REASONS } from "./certificateReasons.ts";

it("every reason of a certificate has its row in the reference", () => {
  const text = readFileSync(new URL("../../../docs/reference/reasons.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| <a id="c\d+"><\/a>(C\d+) \| `(\w+)`/gm)].map(([, code, name]) => [name, code]);
  expect(rows).toEqual(Object.entries(CERTIFICATE_REASONS));
});
