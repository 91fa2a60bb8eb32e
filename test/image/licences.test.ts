import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { bundledPackages, ROOT } from "../../image/bundledPackages.ts";
import { softwareBill } from "../../image/softwareBill.ts";
import { ALLOWED_LICENCES, thirdPartyNotices } from "../../image/thirdPartyNotices.ts";

const PACKAGES = bundledPackages(dirname(inject("program")));

describe("what others wrote in the bundle", () => {
  it("is under licences that ask for no more than their text", () => {
    const others = PACKAGES.filter(({ licence }) => !ALLOWED_LICENCES.includes(licence));
    expect(others.map(({ name, licence }) => `${name}: ${licence}`)).toEqual([]);
  });

  it("stands in THIRD-PARTY-NOTICES with the text of its licence; where it does not: npm run notices", () => {
    expect(thirdPartyNotices(PACKAGES)).toBe(readFileSync(join(ROOT, "THIRD-PARTY-NOTICES"), "utf8"));
  });

  it("is what imports of packages lead to, and nothing that only builds or tests", () => {
    const names = PACKAGES.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["commander", "undici", "yaml", "@peculiar/x509"]));
    expect(names.filter((name) => ["vitest", "esbuild", "typescript", "fast-check", "tsx"].includes(name))).toEqual([]);
  });

  it("is in the software bill, beside the runtime and the libraries it is linked with", () => {
    const system = [
      {
        ...{ name: "libstdc++6", version: "12.2.0-14+deb12u1", architecture: "amd64" },
        ...{ licence: "GPL-3.0-or-later WITH GCC-exception-3.1", files: ["/lib/libstdc++.so.6"] },
      },
    ];
    const bill = softwareBill({ version: "1.2.3", packages: PACKAGES, system }) as {
      readonly components: readonly { readonly name: string; readonly purl: string; readonly hashes?: unknown[] }[];
    };
    const names = bill.components.map(({ name }) => name);
    expect(names).toEqual(["node", ...PACKAGES.map(({ name }) => name), "libstdc++6"]);
    expect(bill.components.at(-1)).toMatchObject({
      purl: "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64",
      licenses: [{ expression: "GPL-3.0-or-later WITH GCC-exception-3.1" }],
    });
    const hash = { alg: "SHA-512", content: expect.stringMatching(/^[0-9a-f]{128}$/) };
    for (const { hashes } of bill.components.slice(0, -1)) expect(hashes).toEqual([hash]);
    expect(softwareBill({ version: "1.2.3", packages: PACKAGES, system })).toEqual(bill);
  });
});
