import { join } from "node:path";
import { ensureGoPrograms, type GoModule } from "../goPrograms.ts";

const MODULE: GoModule = {
  folder: import.meta.dirname,
  name: "promtool",
  sources: ["go.mod", "go.sum"],
  // Without service discovery, which rules have no use for and which is most of it.
  flags: ["-trimpath", "-tags", "remove_all_sd", "-ldflags", "-s -w"],
  cgo: false,
};

/** Prometheus' own checker of rules, built once from pinned modules: about six CPU minutes when nothing is there. */
export async function ensurePromtool(): Promise<string> {
  return join(
    await ensureGoPrograms(MODULE, { promtool: "github.com/prometheus/prometheus/cmd/promtool" }),
    "promtool",
  );
}
