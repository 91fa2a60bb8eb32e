import { stringify } from "yaml";
import type { JsonObject } from "../../core/kube/object.ts";
import { convertAndCompare } from "../../core/migration/lostFields.ts";
import { ownMeanings } from "../../core/migration/ownMeanings.ts";
import type { SidecarSetVersion } from "../../core/sidecarSet/convertSidecarSet.ts";
import { parseSidecarSet } from "../../core/sidecarSet/parseSidecarSet.ts";
import { EXIT } from "../exitCode.ts";
import type { ManifestSources } from "../manifestFiles.ts";
import { type LocatedObject, placed, readObjects } from "../manifests.ts";
import { isSidecarSet } from "../validationReport.ts";

interface ConvertOptions extends ManifestSources {
  readonly to: SidecarSetVersion;
  readonly output: "yaml" | "json";
}

/** An object to print, and how it was written when nothing about it changed. */
interface Converted {
  readonly object: JsonObject;
  readonly written: string | undefined;
}

/** SidecarSets in another API version, every other object as it came. Nothing is printed when one cannot be read. */
export async function convert(options: ConvertOptions): Promise<void> {
  const { to, output } = options;
  const { objects, problems } = await readObjects(options);
  for (const problem of problems) warn(`${placed(problem)}: ${problem.severity}: ${problem.message}`);
  const results = objects.map((object) =>
    isSidecarSet(object) ? converted(object, to) : { object: object.object, written: object.written },
  );
  const whole = results.filter((result) => result !== undefined);
  if (whole.length < results.length || problems.some(({ severity }) => severity === "error")) {
    process.exitCode = EXIT.findings;
    return;
  }
  process.stdout.write(output === "json" ? asJson(whole) : whole.map(asYaml).join("---\n"));
}

function converted(located: LocatedObject, to: SidecarSetVersion): Converted | undefined {
  const say = (severity: "error" | "warning", field: string, message: string) =>
    warn(
      [
        placed({ source: located.source, position: located.position(field) }),
        severity,
        ...(field === "" ? [] : [field]),
        message,
      ].join(": "),
    );
  const conversion = convertAndCompare(located.object, to);
  if (!conversion.ok) {
    for (const { field, detail } of conversion.error) say("error", field, detail);
    return undefined;
  }
  const read = parseSidecarSet(located.object);
  for (const { field, why } of conversion.value.lost) say("warning", field, `lost: ${why}`);
  for (const { field, openKruise } of read.ok ? ownMeanings(read.value.spec) : [])
    say("warning", field, `kept, but OpenKruise ${openKruise}`);
  return { object: conversion.value.sidecarSet, written: undefined };
}

function asYaml({ object, written }: Converted): string {
  if (written !== undefined) return written.endsWith("\n") ? written : `${written}\n`;
  return stringify(object, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });
}

function asJson(results: readonly Converted[]): string {
  const objects = results.map(({ object }) => object);
  const document = objects.length === 1 ? objects[0] : { apiVersion: "v1", kind: "List", items: objects };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function warn(line: string): void {
  process.stderr.write(`${line}\n`);
}
