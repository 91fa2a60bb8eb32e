/**
 * What moving over or back brings up. A blocker refuses the move; a warning is something that changes for somebody; a note costs nothing.
 * The codes are those of docs/reference/migration.md, each with what to do.
 */
export interface MigrationFinding {
  readonly severity: "blocker" | "warning" | "note";
  readonly code: string;
  readonly name: MigrationReason;
  /** What it is about: an object, a kind, a namespace; empty: the installation as a whole. */
  readonly about: string;
  readonly message: string;
}

const REASONS = {
  otherKindsInUse: ["M01", "blocker"],
  unreadableSidecarSet: ["M02", "blocker"],
  otherNamespace: ["M03", "blocker"],
  bothManagersRun: ["M04", "blocker"],
  hashDiffers: ["M05", "warning"],
  namespaceExcluded: ["M06", "warning"],
  namespaceNoLongerExempt: ["M07", "warning"],
  featureStops: ["M08", "warning"],
  gateDiffers: ["M09", "warning"],
  conversionWebhook: ["M10", "warning"],
  managedElsewhere: ["M11", "warning"],
  podsFailOpen: ["M12", "note"],
  matchesOtherPods: ["M20", "blocker"],
  otherMeaning: ["M21", "blocker"],
  fieldLost: ["M22", "warning"],
  rewritten: ["M23", "note"],
  rewriteRefused: ["M24", "blocker"],
} as const satisfies Readonly<Record<string, readonly [string, MigrationFinding["severity"]]>>;

export type MigrationReason = keyof typeof REASONS;

/** Every reason with its code and severity, for the reference. */
export const MIGRATION_REASONS: Readonly<Record<MigrationReason, readonly [string, MigrationFinding["severity"]]>> =
  REASONS;

export function migrationFinding(name: MigrationReason, about: string, message: string): MigrationFinding {
  const [code, severity] = MIGRATION_REASONS[name];
  return { severity, code, name, about, message };
}

/** Whether one of them is in the way. */
export function isBlocked(findings: readonly MigrationFinding[]): boolean {
  return findings.some(({ severity }) => severity === "blocker");
}
