import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");

/** Folder → folders it may import besides itself. A folder not listed here may not exist. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "src/core": [],
  "src/core/kube": ["src/core"],
  "src/core/sidecarSet": ["src/core", "src/core/kube"],
  "src/core/pod": ["src/core", "src/core/kube", "src/core/sidecarSet"],
  "src/core/injection": ["src/core", "src/core/kube", "src/core/sidecarSet", "src/core/pod"],
  "src/core/rollout": ["src/core", "src/core/kube", "src/core/sidecarSet", "src/core/pod"],
  "src/core/migration": [
    "src/core",
    "src/core/kube",
    "src/core/sidecarSet",
    "src/core/pod",
    "src/core/injection",
    "src/core/rollout",
  ],
  "src/core/explanation": [
    "src/core",
    "src/core/kube",
    "src/core/sidecarSet",
    "src/core/pod",
    "src/core/injection",
    "src/core/rollout",
  ],
  "src/core/installation": ["src/core", "src/core/kube", "src/core/sidecarSet", "src/core/pod", "src/core/rollout"],
  "src/core/sidecarSet/lint": ["src/core", "src/core/kube", "src/core/sidecarSet", "src/core/rollout"],
  "src/cluster": ["src/core/**"],
  "src/certificate": ["src/core", "src/core/kube"],
  "src/controller": ["src/core/**", "src/cluster"],
  "src/webhook": ["src/core/**", "src/cluster", "src/certificate"],
  "src/kubeapi": ["src/core/**", "src/cluster"],
  "src/simulator": ["src/core/**", "src/cluster", "src/certificate"],
  "src/library": ["src/core/**", "src/webhook"],
  "src/cli": ["src/**"],
};
/** Folder → npm packages and Node modules it may use; the bottom layer is pure and uses none. */
const NO_PACKAGES = ["src/core", "src/cluster"];
const FORBIDDEN_NAMES = /(^|\/)(utils?|helpers?|common|misc|manager|types|index)(\.ts$|\/)/;

const files = sourceFiles(join(root, "src"));

describe("architecture", () => {
  it("every folder is known to the layer table", () => {
    const unknown = new Set(files.map((file) => layerOf(file)).filter((layer) => layer === undefined));
    expect([...unknown]).toEqual([]);
  });

  it("imports go down only", () => {
    const violations = files.flatMap((file) => {
      const layer = layerOf(file)!;
      return relativeImports(file)
        .filter((target) => !mayImport(layer, layerOf(target) ?? target))
        .map((target) => `${file} imports ${target}`);
    });
    expect(violations).toEqual([]);
  });

  it("the pure layers use no packages", () => {
    const violations = files
      .filter((file) => NO_PACKAGES.some((layer) => file.startsWith(`${layer}/`)))
      .flatMap((file) => packageImports(file).map((name) => `${file} imports ${name}`));
    expect(violations).toEqual([]);
  });

  it("core awaits nothing and asks neither clock nor chance", () => {
    const violations = files
      .filter((file) => file.startsWith("src/core/"))
      .filter((file) => /\bawait\b|\basync\b|Date\.now\(|new Date\(\)|Math\.random\(|setTimeout\(/.test(code(file)));
    expect(violations).toEqual([]);
  });

  it("reason codes are core's: no door names one by itself", () => {
    const named = /\b[IUL]\d\d\b/;
    expect(files.filter((file) => file.startsWith("src/cli/") && named.test(code(file)))).toEqual([]);
  });

  it("no grab-bags", () => {
    expect(files.filter((file) => FORBIDDEN_NAMES.test(file))).toEqual([]);
  });
});

function mayImport(from: string, to: string): boolean {
  if (from === to) return true;
  return MAY_IMPORT[from]!.some((allowed) =>
    allowed.endsWith("/**") ? `${to}/`.startsWith(allowed.slice(0, -2)) : allowed === to,
  );
}

/** The deepest folder of the table that holds the file. */
function layerOf(file: string): string | undefined {
  for (let folder = dirname(file); folder !== "."; folder = dirname(folder)) if (folder in MAY_IMPORT) return folder;
  return undefined;
}

function relativeImports(file: string): string[] {
  return specifiers(file)
    .filter((name) => name.startsWith("."))
    .map((name) => relative(root, resolve(root, dirname(file), name)))
    .filter((target) => target.startsWith("src/"));
}

function packageImports(file: string): string[] {
  return specifiers(file).filter((name) => !name.startsWith("."));
}

function specifiers(file: string): string[] {
  return [...code(file).matchAll(/(?:from|import)\s*\(?\s*"([^"\n]+)"/g)].map((match) => match[1]!);
}

function code(file: string): string {
  return readFileSync(join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => relative(root, join(folder, name)));
}
