import type { Cluster } from "../../cluster/cluster.ts";
import { systemClock } from "../../cluster/environment.ts";
import { injectionRules } from "../../core/injection/injectionRules.ts";
import { migrationCheck } from "../../core/migration/migrationCheck.ts";
import { isBlocked, type MigrationFinding } from "../../core/migration/migrationFinding.ts";
import { CommandError, EXIT } from "../exitCode.ts";
import { giveBack, giveBackPlan, givingBack, refusedRewrites } from "../migrate/giveBack.ts";
import { KEPT, keptInstallation } from "../migrate/keptInstallation.ts";
import { findingLines, migrationReport, migrationText } from "../migrate/migrationReport.ts";
import type { Move } from "../migrate/move.ts";
import { type MigrationReading, readMigration } from "../migrate/readMigration.ts";
import { takeOver, takeOverPlan } from "../migrate/takeOver.ts";
import { dnsLabel, excludedNamespaces } from "../preflight.ts";
import { canAsk, confirm } from "../terminal/confirm.ts";
import { styleFor } from "../terminal/style.ts";
import { type ClusterOptions, withCluster } from "../withCluster.ts";

export interface MigrateOptions extends ClusterOptions {
  readonly check?: boolean;
  readonly takeOver?: boolean;
  readonly giveBack?: boolean;
  readonly systemNamespace: string;
  readonly excludedNamespaces: string;
  readonly stopOtherKinds?: boolean;
  readonly yes?: boolean;
  readonly dryRun: "server" | "none";
  /** seconds */
  readonly timeout: number;
  readonly output: "text" | "json";
}

/** Looks at an installation of OpenKruise, takes it over, or gives it back. */
export async function migrate(options: MigrateOptions): Promise<void> {
  const actions = (["check", "takeOver", "giveBack"] as const).filter((action) => options[action]);
  if (actions.length !== 1)
    throw new CommandError("one of --check, --take-over and --give-back is expected", EXIT.usage);
  if (options.output === "json" && !options.check) throw new CommandError("-o json belongs to --check", EXIT.usage);
  const systemNamespace = dnsLabel("--system-namespace", options.systemNamespace);
  const rules = injectionRules({ systemNamespace, excludedNamespaces: excludedNamespaces(options.excludedNamespaces) });
  const work = { check, takeOver: takingOver, giveBack: givingItBack }[actions[0]!];
  await withCluster(options, async (cluster) => {
    const reading = await readMigration(cluster, { ...rules, systemNamespace, clock: systemClock });
    await work(reading, options, moveOf(cluster, systemNamespace, options));
  });
}

type Work = (reading: MigrationReading, options: MigrateOptions, move: Move) => Promise<void>;

const check: Work = async (reading, { output }) => {
  const report = migrationReport(reading, Date.now());
  process.stdout.write(
    output === "json" ? `${JSON.stringify(report, null, 2)}\n` : migrationText(report, styleFor(process.stdout)),
  );
  if (report.verdict === "findings") process.exitCode = EXIT.findings;
  if (report.verdict === "blocked") process.exitCode = EXIT.blocked;
};

const takingOver: Work = async (reading, options, move) => {
  const { verdict, findings } = migrationCheck(reading);
  if (verdict === "notInstalled") throw new CommandError("there is no OpenKruise to take over: start our manager");
  if (verdict === "takenOver" && (await keptInstallation(move)) === undefined) {
    move.say("OpenKruise is taken over already");
    return;
  }
  const isAccepted = ({ name }: MigrationFinding) => name === "otherKindsInUse" && options.stopOtherKinds === true;
  tell(findings);
  refuse(
    "taken over",
    findings.filter((finding) => !isAccepted(finding)),
  );
  if (await agreed(takeOverPlan(reading), options)) await takeOver(move, reading);
};

const givingItBack: Work = async (reading, options, move) => {
  const kept = await keptInstallation(move);
  if (!kept) {
    const where = `ConfigMap ${move.systemNamespace}/${KEPT}`;
    throw new CommandError(`there is nothing to give back: ${where} would hold what was taken over`, EXIT.blocked);
  }
  const giving = givingBack(reading, kept);
  const findings = [...giving.findings, ...(await refusedRewrites(move, kept, giving))];
  tell(findings);
  refuse("given back", findings);
  if (await agreed(giveBackPlan(move, kept), options)) await giveBack(move, reading, kept);
};

function moveOf(cluster: Cluster, systemNamespace: string, { dryRun, timeout }: MigrateOptions): Move {
  const isDry = dryRun === "server";
  return {
    cluster,
    clock: systemClock,
    systemNamespace,
    dryRun: isDry,
    timeoutMs: timeout * 1000,
    say: (line) => process.stdout.write(`${line}${isDry ? " (server dry run)" : ""}\n`),
  };
}

function tell(findings: readonly MigrationFinding[]): void {
  for (const line of findingLines({ findings }, styleFor(process.stderr))) process.stderr.write(`${line}\n`);
}

function refuse(what: string, findings: readonly MigrationFinding[]): void {
  if (!isBlocked(findings)) return;
  const codes = findings.filter(({ severity }) => severity === "blocker").map(({ code, about }) => `${code} ${about}`);
  throw new CommandError(
    `not ${what}: ${codes.join(", ")} (docs/reference/migration.md); nothing is written`,
    EXIT.blocked,
  );
}

/** Said before it is done, whoever is there to read it. */
async function agreed(plan: readonly string[], { yes, dryRun }: MigrateOptions): Promise<boolean> {
  process.stderr.write(["This will happen:", ...plan.map((line, index) => `${index + 1}. ${line}`), ""].join("\n"));
  if (yes || dryRun === "server") return true;
  if (!canAsk()) throw new CommandError("nobody can be asked here: --yes agrees; nothing is written", EXIT.usage);
  if (await confirm("Go on?")) return true;
  process.stderr.write("nothing is written\n");
  return false;
}
