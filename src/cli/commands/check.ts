import { sleep, systemClock } from "../../cluster/environment.ts";
import { INSTALLATION_CHECKS } from "../../core/installation/installationFinding.ts";
import { judgeInstallation } from "../../core/installation/judgeInstallation.ts";
import type { KubeApi } from "../../kubeapi/connect.ts";
import { printData } from "../change/printObject.ts";
import { type CheckReport, checkLines } from "../check/checkReport.ts";
import { readInstallation } from "../check/readInstallation.ts";
import { CommandError, EXIT } from "../exitCode.ts";
import { dnsLabel } from "../preflight.ts";
import { styleFor } from "../terminal/style.ts";
import { type ClusterOptions, withCluster } from "../withCluster.ts";

interface CheckOptions extends ClusterOptions {
  readonly pre?: boolean;
  /** Seconds. */
  readonly wait: number;
  readonly suppress?: readonly string[];
  readonly systemNamespace: string;
  readonly output: "text" | "json" | "yaml";
  readonly ascii?: boolean;
}

const AGAIN_MS = 2_000;

/** Whether the installation is as it should be; ends with 3 when anything is found. */
export async function check(options: CheckOptions): Promise<void> {
  const systemNamespace = dnsLabel("--system-namespace", options.systemNamespace);
  const suppressed = suppressedCodes(options.suppress ?? []);
  await withCluster(options, async (cluster) => {
    const end = systemClock.now() + options.wait * 1000;
    let report = await look(cluster, systemNamespace, options, suppressed);
    while (!report.clean && systemClock.now() < end) {
      await sleep(systemClock, AGAIN_MS);
      report = await look(cluster, systemNamespace, options, suppressed);
    }
    if (options.output !== "text") await printData(options.output, report);
    else {
      const ascii = options.ascii === true || process.env.TERM === "dumb";
      const lines = checkLines(report, styleFor(process.stdout), ascii);
      process.stdout.write(lines.map((line) => `${line}\n`).join(""));
    }
    if (!report.clean) process.exitCode = EXIT.findings;
  });
}

async function look(
  cluster: KubeApi,
  systemNamespace: string,
  { pre = false }: CheckOptions,
  suppressed: ReadonlySet<string>,
): Promise<CheckReport> {
  const facts = await readInstallation(cluster, { systemNamespace, isBefore: pre });
  const all = judgeInstallation(facts, { systemNamespace, isBefore: pre });
  const checks = all.filter(({ code, severity }) => severity === "ok" || !suppressed.has(code));
  return {
    apiVersion: "cli.sidecarset/v1",
    kind: "CheckReport",
    generatedAt: new Date(facts.now).toISOString(),
    cluster: cluster.source,
    clean: checks.every(({ severity }) => severity === "ok"),
    checks,
  };
}

/** By code or name. */
function suppressedCodes(wanted: readonly string[]): ReadonlySet<string> {
  const codes = new Map(
    Object.entries(INSTALLATION_CHECKS).flatMap(([name, [code]]) => [[name, code] as const, [code, code] as const]),
  );
  return new Set(
    wanted.map((text) => {
      const code = codes.get(text);
      if (code !== undefined) return code;
      const known = Object.entries(INSTALLATION_CHECKS).map(([name, [is]]) => `${is} (${name})`);
      throw new CommandError(
        `--suppress "${text}": there is no such check; there are: ${known.join(", ")}`,
        EXIT.usage,
      );
    }),
  );
}
