import { isLintCode } from "../../core/sidecarSet/lint/finding.ts";
import { compileGoPattern } from "../../webhook/goPattern.ts";
import { CommandError, EXIT } from "../exitCode.ts";
import type { ManifestSources } from "../manifestFiles.ts";
import { readObjects } from "../manifests.ts";
import { type Finding, type ObjectPlace, type ValidationReport, validationReport } from "../validationReport.ts";

interface ValidateOptions extends ManifestSources {
  readonly output: "text" | "json";
}

/** Findings go to standard output, one a line; what was left out and the sum go to standard error. */
export async function validate(options: ValidateOptions): Promise<void> {
  const report = validationReport(await readObjects(options), {
    generatedAt: new Date().toISOString(),
    compilePattern: compileGoPattern,
  });
  if (options.output === "json") process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else process.stdout.write(report.findings.map((finding) => `${findingLine(finding)}\n`).join(""));
  process.stderr.write(
    remarks(report)
      .map((line) => `${line}\n`)
      .join(""),
  );
  if (report.clean && report.checked.length === 0) {
    throw new CommandError("no SidecarSet among the files: add one with -f", EXIT.usage);
  }
  if (!report.clean) process.exitCode = EXIT.findings;
}

/** What hurts is told with its code, in the words of admission. */
function findingLine({ severity, type, field, message, ...place }: Finding): string {
  const told = [severity, isLintCode(type) ? type : "", field, message].filter((part) => part !== "");
  return `${at(place)}: ${told.join(": ")}`;
}

function remarks({ findings, checked, notChecked, skipped }: ValidationReport): string[] {
  const errors = findings.filter(({ severity }) => severity === "error").length;
  return [
    ...skipped.map(
      (object) => `${at(object)}: skipped: ${[object.kind, object.name].join(" ").trim()} is no SidecarSet`,
    ),
    ...notChecked.map((note) => `${at(note)}: not checked without a cluster: ${note.field}: ${note.message}`),
    `${counted(checked.length, "SidecarSet")} checked: ${counted(errors, "error")}, ${counted(findings.length - errors, "warning")}`,
  ];
}

function at({ source, line, column }: Pick<ObjectPlace, "source" | "line" | "column">): string {
  return `${source}:${line}:${column}`;
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
