// Bundles into dist/: the command line program, one chunk per command, so that `--help` loads almost nothing; and the library that
// `import … from "sidecarset"` gives, one file that imports nothing, with its types.
import { execFile } from "node:child_process";
import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
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
      contents: `
        export function createConfiguration() { throw new Error("no API is called with this library"); }
        export class ServerConfiguration {}`,
      resolveDir: path,
    }));
  },
};
/**
 * Of the HTTP client only pools and proxies are used. Its index also loads fetch, web sockets, caches and mocks, six of ten parts of a
 * megabyte that the manager would keep in memory as text alone; so the same is put together from its files.
 */
const onlyPools = {
  name: "only-pools",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^undici$/ }, () => ({ path: "pools", namespace: "only-pools" }));
    onLoad({ filter: /.*/, namespace: "only-pools" }, () => ({
      contents: `
        import Dispatcher from "./lib/dispatcher/dispatcher.js";
        import api from "./lib/api/index.js";
        Object.assign(Dispatcher.prototype, api);
        export { default as Agent } from "./lib/dispatcher/agent.js";
        export { default as Pool } from "./lib/dispatcher/pool.js";
        export { default as buildConnector } from "./lib/core/connect.js";
        export { default as ProxyAgent } from "./lib/dispatcher/proxy-agent.js";`,
      resolveDir: fileURLToPath(new URL("node_modules/undici", import.meta.url)),
    }));
  },
};
const program = build({
  entryPoints: { sidecarset: "src/cli/main.ts" },
  absWorkingDir: import.meta.dirname,
  outdir: folder,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  mainFields: ["module", "main"],
  target: "node20.19",
  plugins: [withoutGeneratedApis, onlyPools],
  minifySyntax: true,
  // The engine keeps the text of what it has loaded, twice as long when a comment holds one letter beyond Latin.
  minifyWhitespace: true,
  lineLimit: 160,
  legalComments: "none",
  loader: { ".yaml": "text" },
  define: { "process.env.SIDECARSET_VERSION": JSON.stringify(version) },
  metafile: true,
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
});
const library = build({
  entryPoints: { library: "src/library/sidecarset.ts" },
  absWorkingDir: import.meta.dirname,
  outdir: folder,
  bundle: true,
  format: "esm",
  // No platform: an import of a Node module fails the build.
  platform: "neutral",
  mainFields: ["module", "main"],
  target: "es2023",
  minifySyntax: true,
  legalComments: "none",
  metafile: true,
});
const [ofProgram, ofLibrary] = await Promise.all([program, library, declareTypes(`${folder}/types`)]);
const bundled = bundledPackages([ofProgram.metafile, ofLibrary.metafile]);
await writeFile(new URL(`${folder}/bundled.json`, import.meta.url), `${JSON.stringify(bundled, null, 2)}\n`);
await chmod(new URL(`${folder}/sidecarset.js`, import.meta.url), 0o755);

/** Packages of which at least one byte is in what was built, by their place in package-lock.json: notices and software bill name them. */
function bundledPackages(metafiles) {
  const outputs = metafiles.flatMap((metafile) => Object.values(metafile.outputs));
  const inputs = outputs.flatMap((output) => Object.entries(output.inputs));
  const places = inputs
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .flatMap(([path]) => path.match(/(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/) ?? [])
    .map((path) => path.slice(path.indexOf("node_modules/")));
  return [...new Set(places)].sort();
}

/** `npm run check` checks the types; here they are only written. Declarations name each other as they will be found: by `.js`. */
async function declareTypes(outDir) {
  const compiler = new URL("node_modules/typescript/bin/tsc", import.meta.url);
  const options = ["-p", "tsconfig.types.json", "--noCheck", "--outDir", outDir, "--listEmittedFiles"];
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(compiler), ...options], {
    cwd: import.meta.dirname,
  });
  const files = [...stdout.matchAll(/^TSFILE:\s*(.+)$/gm)].map(([, file]) => file);
  await Promise.all(
    files.map(async (file) => {
      const text = await readFile(file, "utf8");
      await writeFile(file, text.replace(/(from|import\()(\s*"\.[^"]+)\.ts"/g, '$1$2.js"'));
    }),
  );
}
