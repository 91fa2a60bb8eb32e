import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Json, JsonObject } from "../../src/core/kube/object.ts";
import { definitionOf } from "./objects/definition.ts";
import { HOOKS } from "./objects/hooks.ts";
import { MANAGER } from "./objects/manager.ts";
import { BOARD_FILE, monitoring } from "./objects/monitoring.ts";
import { RIGHTS } from "./objects/rights.ts";
import { FLOW_CONTROL, SURROUNDINGS } from "./objects/surroundings.ts";
import { type Installation, resolve } from "./resolve.ts";
import { type Node, Slot, spread } from "./slots.ts";
import { valuesOf } from "./values.ts";

const ROOT = join(import.meta.dirname, "../..");

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** Of the package, and so of the chart and of the image. */
export const VERSION = (JSON.parse(read("package.json")) as { readonly version: string }).version;

/** Files that manifests are filled with. */
export const FILES: ReadonlyMap<string, string> = new Map([[BOARD_FILE, read("deploy/monitoring/board.json")]]);

/** The whole installation: what stands together in one template of the chart → its manifests. */
export const MANIFESTS: Readonly<Record<string, readonly Node[]>> = {
  "crd.yaml": [definitionOf(parse(read("deploy/crd.yaml")) as JsonObject)],
  "rights.yaml": RIGHTS,
  "manager.yaml": MANAGER,
  "surroundings.yaml": SURROUNDINGS,
  "flow-control.yaml": FLOW_CONTROL,
  "monitoring.yaml": monitoring(parse(read("deploy/monitoring/alerts.yaml")) as JsonObject),
  "hooks.yaml": HOOKS,
  "extra.yaml": [spread("extraObjects")],
};

export interface InstallationOptions {
  readonly namespace: string;
  readonly values?: JsonObject;
  /** What the API server serves beside the usual. */
  readonly apis?: readonly string[];
}

/** Every object of these templates for the given values. */
export function objectsOf(templates: readonly string[], options: InstallationOptions): readonly JsonObject[] {
  const installation = installationOf(options);
  return templates.flatMap((name) => MANIFESTS[name]!.flatMap((manifest) => documents(manifest, installation)));
}

function documents(manifest: Node, installation: Installation): readonly JsonObject[] {
  // A list in a document of its own stands for the objects in it.
  const isList = manifest instanceof Slot && manifest.of.kind === "spread";
  const found = resolve(isList ? [manifest] : manifest, installation);
  return (found === undefined ? [] : isList ? (found as readonly Json[]) : [found]) as readonly JsonObject[];
}

function installationOf({ namespace, values = {}, apis = [] }: InstallationOptions): Installation {
  return {
    values: valuesOf(values),
    facts: { namespace, appVersion: VERSION },
    apis: new Set(["flowcontrol.apiserver.k8s.io/v1", ...apis]),
    files: FILES,
  };
}
