import type { Finding } from "./finding.ts";

/** Beyond these the API server cuts, a warning and all warnings together. */
const LONGEST = 256;
const LONGEST_TOGETHER = 4096;

/** As the person behind the request sees them: `L01: spec.updateStrategy.maxUnavailable: …`. What has no room is counted. */
export function warningTexts(findings: readonly Finding[]): readonly string[] {
  const texts = findings.map(({ code, field, message }) => cut(`${code}: ${field}: ${message}`));
  const fitting = texts.filter((_, index) => lengthOf(texts.slice(0, index + 1)) <= LONGEST_TOGETHER - LONGEST);
  const left = texts.length - fitting.length;
  return left === 0 ? texts : [...fitting, `${left} more warnings: sidecarset validate -f FILE shows them all`];
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 3)}...` : text;
}

function lengthOf(texts: readonly string[]): number {
  return texts.reduce((sum, { length }) => sum + length, 0);
}
