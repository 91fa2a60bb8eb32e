// Bundles the command line program into dist/: one entry, one chunk per command, so that `--help` loads almost nothing.
import { chmod, readFile, rm } from "node:fs/promises";
import { build } from "esbuild";

const { version } = JSON.parse(await readFile(new URL("package.json", import.meta.url), "utf8"));
/** Another folder below the package may be given: `node build.mjs FOLDER`. */
const folder = process.argv[2] ?? "dist";
await rm(new URL(folder, import.meta.url), { recursive: true, force: true });
/** Its generated API classes only run when used; without this all fifteen megabytes of them would come along with the kubeconfig reader. */
const shakeKubernetesClient = {
  name: "shake-kubernetes-client",
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^\./ }, async ({ path, pluginData, ...rest }) => {
      if (pluginData === "resolved" || !rest.importer.includes("@kubernetes/client-node/dist")) return undefined;
      return { ...(await resolve(path, { ...rest, pluginData: "resolved" })), sideEffects: false };
    });
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
  plugins: [shakeKubernetesClient],
  minifySyntax: true,
  legalComments: "none",
  loader: { ".yaml": "text" },
  define: { "process.env.SIDECARSET_VERSION": JSON.stringify(version) },
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
});
await chmod(new URL(`${folder}/sidecarset.js`, import.meta.url), 0o755);
