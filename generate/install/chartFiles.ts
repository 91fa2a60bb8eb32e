import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { helmTemplate } from "./helmTemplate.ts";
import { FILES, MANIFESTS, VERSION } from "./installation.ts";
import { chartReadme, valuesFile, valuesSchema } from "./valuesFiles.ts";

const HEADER = "# Generated from generate/install by `npm run generate`; changes here are lost.\n";

/** The Helm chart: path below its folder → text. */
export function chartFiles(): Readonly<Record<string, string>> {
  const templates = Object.entries(MANIFESTS).map(([name, manifests]) => {
    const text = manifests.map(helmTemplate).join("\n");
    return [`templates/${name}`, `${HEADER}${text}\n`];
  });
  return {
    "Chart.yaml": HEADER + stringify(CHART),
    "values.yaml": HEADER + valuesFile(),
    "values.schema.json": `${JSON.stringify(valuesSchema(), null, 2)}\n`,
    "README.md": chartReadme(),
    "templates/NOTES.txt": readFileSync(join(import.meta.dirname, "notes.txt"), "utf8"),
    ...Object.fromEntries(templates),
    ...Object.fromEntries(FILES),
  };
}

const CHART = {
  apiVersion: "v2",
  name: "sidecarset",
  description:
    "Inject sidecar containers into pods and upgrade them in place; drop-in compatible with OpenKruise's SidecarSet.",
  type: "application",
  version: VERSION,
  appVersion: VERSION,
  kubeVersion: ">=1.28.0-0",
};
