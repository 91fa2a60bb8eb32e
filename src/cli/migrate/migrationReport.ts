import { type MigrationCheck, migrationCheck } from "../../core/migration/migrationCheck.ts";
import { counted, section } from "../simulation/playText.ts";
import type { Style } from "../terminal/style.ts";
import type { MigrationReading } from "./readMigration.ts";

/** What `migrate --check -o json` prints; docs/reference/migration.md describes it. */
export interface MigrationReport extends MigrationCheck {
  readonly apiVersion: "cli.sidecarset/v1";
  readonly kind: "MigrationReport";
  readonly generatedAt: string;
  readonly systemNamespace: string;
  readonly openKruise: {
    readonly manager: MigrationReading["manager"] | null;
    readonly leader: string | null;
    readonly configurations: MigrationReading["configurations"];
    readonly kinds: MigrationReading["kinds"];
  };
  readonly ourLeader: string | null;
}

export function migrationReport(reading: MigrationReading, now: number): MigrationReport {
  const { systemNamespace, manager, theirLeader, ourLeader, configurations, kinds } = reading;
  return {
    apiVersion: "cli.sidecarset/v1",
    kind: "MigrationReport",
    generatedAt: new Date(now).toISOString(),
    systemNamespace,
    openKruise: { manager: manager ?? null, leader: theirLeader ?? null, configurations, kinds },
    ourLeader: ourLeader ?? null,
    ...migrationCheck(reading),
  };
}

export function migrationText(report: MigrationReport, style: Style): string {
  const { openKruise, sidecarSets, pods, ourLeader, verdict, nextStep } = report;
  const lines = [
    ...section("OpenKruise", managerLines(report)),
    ...section(
      "Webhooks",
      openKruise.configurations.map(
        ({ name, webhooks, podFailurePolicy }) =>
          `${name}: ${counted(webhooks)} entries${podFailurePolicy ? `, new pods: ${podFailurePolicy}` : ""}`,
      ),
    ),
    ...section("Kinds", openKruise.kinds.filter(({ objects }) => objects !== 0).map(kindLine)),
    ...section(
      "SidecarSets",
      sidecarSets.map(({ name, features }) => `${name}: ${features.join(", ") || "containers alone"}`),
    ),
    ...section("Pods", [`${counted(pods.all)}, ${counted(pods.injected)} of them with sidecars`]),
    ...section("Our manager", [ourLeader === null ? "none leads" : `${ourLeader} leads`]),
    ...findingLines(report, style),
    ...section("Verdict", [style.bold(verdict)]),
    ...section("Next", [nextStep]),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function managerLines({ openKruise: { manager, leader }, systemNamespace }: MigrationReport): readonly string[] {
  if (!manager) return [`no manager in namespace ${systemNamespace}`];
  const { version, image, replicas, readyReplicas, featureGates, managedBy } = manager;
  const gates = Object.entries(featureGates).map(([gate, on]) => `${gate}=${on}`);
  return [
    `${version || image}, ${readyReplicas} of ${counted(replicas, "replica")} ready, ${leader === null ? "none leads" : `${leader} leads`}`,
    `feature gates: ${gates.join(", ") || "OpenKruise's defaults"}`,
    ...(managedBy === undefined ? [] : [`managed by ${managedBy}`]),
  ];
}

function kindLine({
  kind,
  objects,
  storedVersions,
  convertedByWebhook,
}: MigrationReport["openKruise"]["kinds"][number]): string {
  const converted = convertedByWebhook ? ", converted by its webhook" : "";
  return `${kind}: ${objects === undefined ? "cannot be read" : counted(objects, "object")}, stored as ${storedVersions.join(" and ")}${converted}`;
}

/** What is in the way first. */
export function findingLines({ findings }: Pick<MigrationCheck, "findings">, style: Style): readonly string[] {
  const inOrder = (["blocker", "warning", "note"] as const).flatMap((severity) =>
    findings.filter((finding) => finding.severity === severity),
  );
  const colours = { blocker: style.red, warning: style.yellow, note: style.dim };
  return inOrder.map(
    ({ severity, code, about, message }) => `${colours[severity](severity.padEnd(7))} ${code} ${about}: ${message}`,
  );
}
