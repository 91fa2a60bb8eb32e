/** The lessons, for the help: their work is behind an import of its own. */
export const SCENARIO_NAMES = [
  "canary",
  "partition",
  "scatter",
  "stuck-image",
  "webhook-down",
  "immutable-change",
  "hot-upgrade",
  "native-sidecar",
  "5000-pods",
] as const;

export type ScenarioName = (typeof SCENARIO_NAMES)[number];
