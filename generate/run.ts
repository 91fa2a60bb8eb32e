/** `npm run generate` writes the files that follow from others; with `--check` it only says which of them is stale. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import type { CustomResourceDefinition } from "../src/simulator/customResourceDefinition.ts";
import { argocdConfigMap } from "./argocdConfigMap.ts";
import { declaredObjects } from "./declaredObjects.ts";
import { declaredShape } from "./declaredShape.ts";
import { installFiles } from "./install/files.ts";
import { manifestType } from "./manifestType.ts";

const ROOT = join(import.meta.dirname, "..");
const HEADER = "// Generated from deploy/crd.yaml by `npm run generate`; changes here are lost.\n";

const stale = Object.entries({ ...typesOfDefinition(), ...argocd(), ...installFiles() }).filter(
  ([path, text]) => read(path) !== text,
);
const checking = process.argv.includes("--check");
for (const [path, text] of stale) {
  if (checking) console.error(`${path} is stale: run \`npm run generate\``);
  else write(path, text);
}
process.exitCode = checking && stale.length > 0 ? 1 : 0;

function typesOfDefinition(): Readonly<Record<string, string>> {
  const { spec } = parse(readFileSync(join(ROOT, "deploy/crd.yaml"), "utf8")) as CustomResourceDefinition;
  const [schema, ...others] = spec.versions.map((version) => version.schema?.openAPIV3Schema);
  if (!schema || !others.every((other) => isDeepStrictEqual(other, schema))) {
    throw new Error("deploy/crd.yaml: every version must declare the same fields");
  }
  const objects = declaredObjects(schema);
  const apiVersions = spec.versions.map(({ name }) => `${spec.group}/${name}`);
  return {
    "src/core/sidecarSet/generated/sidecarSetManifest.ts": formatted(manifestType(objects, apiVersions)),
    "src/core/sidecarSet/generated/declaredFields.ts": formatted(declaredShape(objects)),
  };
}

function argocd(): Readonly<Record<string, string>> {
  const script = (name: string) => readFileSync(join(ROOT, "deploy/argocd", name), "utf8");
  const names = ["pause", "resume", "promote", "promote-full"];
  const actions = Object.fromEntries(names.map((name) => [name, script(`actions/${name}.lua`)]));
  const scripts = { health: script("health.lua"), discovery: script("actions/discovery.lua"), actions };
  return { "deploy/argocd/argocd-cm.yaml": argocdConfigMap(scripts) };
}

function formatted(code: string): string {
  const biome = join(ROOT, "node_modules/.bin/biome");
  return execFileSync(biome, ["check", "--write", "--stdin-file-path=generated.ts"], {
    cwd: ROOT,
    input: `${HEADER}${code}`,
    encoding: "utf8",
  });
}

function read(path: string): string | undefined {
  const file = join(ROOT, path);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function write(path: string, text: string): void {
  const file = join(ROOT, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(`wrote ${path}`);
}
