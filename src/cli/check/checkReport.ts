import type { InstallationFinding } from "../../core/installation/installationFinding.ts";
import type { Style } from "../terminal/style.ts";

/** What `sidecarset check -o json` prints; within v1 fields are only added. Described in docs/reference/cli.md. */
export interface CheckReport {
  readonly apiVersion: "cli.sidecarset/v1";
  readonly kind: "CheckReport";
  /** RFC 3339. */
  readonly generatedAt: string;
  /** Where it looked: a kubeconfig and its context, or a pod's service account. */
  readonly cluster: string;
  /** Whether there is neither a warning nor an error. */
  readonly clean: boolean;
  readonly checks: readonly InstallationFinding[];
}

const MARKS = { ok: ["✔", "+"], warning: ["‼", "!"], error: ["✖", "x"] } as const;

/** Group by group; what to do stands below each finding. */
export function checkLines({ checks }: CheckReport, style: Style, ascii: boolean): readonly string[] {
  const groups = [...new Set(checks.map(({ group }) => group))];
  const colours = { ok: style.green, warning: style.yellow, error: style.red };
  const lines = groups.flatMap((group) => [
    style.bold(group),
    ...checks
      .filter((check) => check.group === group)
      .flatMap(({ severity, code, message, fix }) => [
        `${colours[severity](MARKS[severity][ascii ? 1 : 0])} ${message}${severity === "ok" ? "" : ` (${code})`}`,
        ...(fix === undefined ? [] : [style.dim(`    ${fix}`)]),
      ]),
    "",
  ]);
  return [...lines, summary(checks)];
}

function summary(checks: CheckReport["checks"]): string {
  const errors = checks.filter(({ severity }) => severity === "error").length;
  const warnings = checks.filter(({ severity }) => severity === "warning").length;
  if (errors + warnings === 0) return `${checks.length} checks, no findings`;
  return `${checks.length} checks: ${errors} failed, ${warnings} with a warning`;
}
