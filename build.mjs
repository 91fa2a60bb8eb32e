// Bundles the command line program into dist/: one entry, one chunk per command, so that `--help` loads almost nothing.
import { chmod, readFile, rm } from "node:fs/promises";
import { build } from "esbuild";

const { version } = JSON.parse(await readFile(new URL("package.json", import.meta.url), "utf8"));
/** Another folder below the package may be given: `node build.mjs FOLDER`. */
const folder = process.argv[2] ?? "dist";
await rm(new URL(folder, import.meta.url), { recursive: true, force: true });
/**
 * We read kubeconfigs with this library and call no API with it. Its reader imports fifteen megabytes of generated API classes for two
 * names; they are taken from their own files, so that the rest is not even read.
 */
const withoutGeneratedApis = {
  name: "without-generated-apis",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/gen\/index\.js$/ }, ({ importer, resolveDir }) =>
      importer.includes("@kubernetes/client-node/dist")
        ? { path: resolveDir, namespace: "kubeconfig-only" }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: "kubeconfig-only" }, ({ path }) => ({
      contents: `export { createConfiguration } from "./gen/configuration.js"; export { ServerConfiguration } from "./gen/servers.js";`,
      resolveDir: path,
    }));
  },
};
await build({
  entryPoints: { sidecarset: "src/cli/main.ts" },
  absWorkingDir: import.meta.dirname,
  outdir: folder,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  mainFields: ["module", "main"],
  target: "node20.19",
  plugins: [withoutGeneratedApis],
  minifySyntax: true,
  legalComments: "none",
  loader: { ".yaml": "text" },
  define: { "process.env.SIDECARSET_VERSION": JSON.stringify(version) },
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
});
await chmod(new URL(`${folder}/sidecarset.js`, import.meta.url), 0o755);
