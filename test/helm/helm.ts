import { join } from "node:path";
import { ensureGoPrograms, type GoModule } from "../goPrograms.ts";

const MODULE: GoModule = {
  folder: import.meta.dirname,
  name: "helm",
  sources: ["go.mod", "go.sum"],
  flags: ["-trimpath", "-ldflags", "-s -w"],
  cgo: false,
};

/** Helm itself, built once from pinned modules: about four CPU minutes when nothing is there. */
export async function ensureHelm(): Promise<string> {
  return join(await ensureGoPrograms(MODULE, { helm: "helm.sh/helm/v4/cmd/helm" }), "helm");
}
