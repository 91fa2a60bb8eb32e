import type { JsonObject, KubeObject } from "../../core/kube/object.ts";

/** What a verb prints about the object that it wrote: words for a person, or the object. */
export type ResultFormat = "text" | "json" | "yaml" | "name";

/** Of text the lines; else the object as kubectl prints it. */
export async function printResult(format: ResultFormat, object: KubeObject, lines: readonly string[]): Promise<void> {
  if (format === "text") process.stdout.write(lines.map((line) => `${line}\n`).join(""));
  else if (format === "name") process.stdout.write(`${resourceName(object)}\n`);
  else await printData(format, object);
}

/** A patch, a report, an object. */
export async function printData(format: "json" | "yaml", data: KubeObject | JsonObject | object): Promise<void> {
  if (format === "json") {
    process.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
    return;
  }
  const { yamlText } = await import("./yamlText.ts");
  process.stdout.write(yamlText(data));
}

/** `sidecarset.apps.kruise.io/log-agent` */
function resourceName({ apiVersion, kind, metadata }: KubeObject): string {
  const [group] = apiVersion.includes("/") ? apiVersion.split("/") : [""];
  return `${kind.toLowerCase()}${group ? `.${group}` : ""}/${metadata.name}`;
}
