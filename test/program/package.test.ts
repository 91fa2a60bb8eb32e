import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { build, transformSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const PAGES = ["README.md", "docs/reference/package-api.md"]
  .map((page) => readFileSync(join(ROOT, page), "utf8"))
  .join("\n");
/** Every piece of code of the pages with the output that they promise. */
const EXAMPLES = [...PAGES.matchAll(/```ts\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g)].map(([, code, output]) => ({
  code: code!,
  output: output!,
}));

describe("the npm package", () => {
  const folder = mkdtempSync(join(tmpdir(), "sidecarset-package-"));
  const consumer = join(folder, "consumer");
  const installed = join(consumer, "node_modules/sidecarset");

  beforeAll(() => {
    const tarball = packed(join(folder, "package"));
    mkdirSync(consumer);
    writeFileSync(join(consumer, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
    npm(consumer, "install", "--offline", "--no-audit", "--no-fund", tarball);
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("brings no other package along", () => {
    expect(readdirSync(join(consumer, "node_modules")).filter((name) => !name.startsWith("."))).toEqual(["sidecarset"]);
  });

  it("imports nothing, neither packages nor Node's modules", async () => {
    const entryPoints = [join(installed, "dist/library.js")];
    const { metafile } = await build({ entryPoints, bundle: true, packages: "external", metafile: true, write: false });
    expect(Object.values(metafile.outputs).flatMap(({ imports }) => imports)).toEqual([]);
    expect(Object.keys(metafile.inputs)).toHaveLength(1);
  });

  it("does what its pages say, example by example", () => {
    expect(EXAMPLES.length).toBe(PAGES.match(/```ts/g)?.length);
    for (const [index, { code, output }] of EXAMPLES.entries()) {
      const file = join(consumer, `example-${index}.js`);
      writeFileSync(file, transformSync(code, { loader: "ts" }).code);
      expect(execFileSync(process.execPath, [file], { encoding: "utf8" }), code).toBe(output);
    }
  });

  it.each([
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ])("has types that a strict project can use (module %s, resolution %s)", (module, moduleResolution) => {
    const files = EXAMPLES.map(({ code }, index) => {
      writeFileSync(join(consumer, `example-${index}.ts`), code);
      return `example-${index}.ts`;
    });
    const compilerOptions = { ...STRICT, module, moduleResolution };
    const project = join(consumer, `tsconfig.${moduleResolution}.json`);
    writeFileSync(project, JSON.stringify({ compilerOptions, files: [...files, "mistakes.ts"] }));
    writeFileSync(join(consumer, "mistakes.ts"), MISTAKES);
    expect(typeErrors(project)).toBe("");
  });
});

const STRICT = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  noEmit: true,
  target: "es2022",
  lib: ["es2022"],
  types: [],
};

/** If the types were lost to `any`, the compiler would miss the errors it is told to expect. `console` is no part of ECMAScript. */
const MISTAKES = `
import { hashSidecarSet, injectPod } from "sidecarset";
declare global { const console: { log(...values: unknown[]): void } }
// @ts-expect-error an error has no value
hashSidecarSet({}).value;
// @ts-expect-error without SidecarSets
injectPod({ pod: {} });
`;

/** As `npm pack` makes it, from the build under test. */
function packed(folder: string): string {
  mkdirSync(folder);
  for (const part of ["package.json", "README.md", "CHANGELOG.md", "deploy", "examples"]) {
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  }
  cpSync(dirname(inject("program")), join(folder, "dist"), { recursive: true });
  const [{ filename }] = JSON.parse(npm(folder, "pack", "--ignore-scripts", "--json")) as [{ filename: string }];
  return join(folder, filename);
}

function npm(cwd: string, ...args: readonly string[]): string {
  const env = { ...process.env, npm_config_cache: join(dirname(cwd), "cache"), npm_config_update_notifier: "false" };
  return execFileSync("npm", args, { cwd, encoding: "utf8", env, stdio: ["ignore", "pipe", "pipe"] });
}

function typeErrors(project: string): string {
  const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
  try {
    return execFileSync(process.execPath, [compiler, "-p", project], { encoding: "utf8" });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}
