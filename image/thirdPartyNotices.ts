import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type BundledPackage, ROOT } from "./bundledPackages.ts";

/**
 * Licences under which a bundled package may be: those that ask for no more than their text, which the notices hold. Anything else is
 * for a person to decide.
 */
export const ALLOWED_LICENCES: readonly string[] = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"];

const HEADER = `Third-party notices

The programs in this package and in the image made of it contain code of the following packages. Written by \`npm run notices\`.
`;
const RULE = `${"=".repeat(100)}\n`;

/** The packages in the bundle, and the text of each licence once, under the packages that came with it. */
export function thirdPartyNotices(packages: readonly BundledPackage[]): string {
  const list = packages.map((one) => `  ${titleOf(one)} (${one.licence})\n`).join("");
  const byText = new Map<string, BundledPackage[]>();
  for (const one of packages) {
    const text = licenceText(one);
    byText.set(text, [...(byText.get(text) ?? []), one]);
  }
  const texts = [...byText].map(([text, users]) => `${RULE}${users.map(titleOf).join(", ")}\n\n${text}`);
  return [HEADER, list, ...texts].join("\n");
}

function titleOf({ name, version }: BundledPackage): string {
  return `${name} ${version}`;
}

function licenceText({ place }: BundledPackage): string {
  const folder = join(ROOT, place);
  const files = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice)\b/i.test(name));
  if (files.length === 0) throw new Error(`${place} comes without the text of its licence`);
  const texts = files.sort().map((name) => readFileSync(join(folder, name), "utf8"));
  const lines = texts.join("\n").split(/\r?\n/);
  return `${lines
    .map((line) => line.trimEnd())
    .join("\n")
    .trim()}\n`;
}
