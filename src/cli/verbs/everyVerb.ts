import type { Command } from "commander";
import { checkVerb } from "./check.ts";
import { completionVerb } from "./completion.ts";
import { convertVerb } from "./convert.ts";
import { demoVerb } from "./demo.ts";
import { execVerb } from "./exec.ts";
import { explainVerb } from "./explain.ts";
import { getVerb } from "./get.ts";
import { historyVerb } from "./history.ts";
import { injectVerb } from "./inject.ts";
import { installVerb } from "./install.ts";
import { logsVerb } from "./logs.ts";
import { migrateVerb } from "./migrate.ts";
import { pauseVerb } from "./pause.ts";
import { previewVerb } from "./preview.ts";
import { promoteVerb } from "./promote.ts";
import { resumeVerb } from "./resume.ts";
import { runVerb } from "./run.ts";
import { setVerb } from "./set.ts";
import { simulateVerb } from "./simulate.ts";
import { startVerb } from "./start.ts";
import { statusVerb } from "./status.ts";
import { stopVerb } from "./stop.ts";
import { supportBundleVerb } from "./supportBundle.ts";
import { undoVerb } from "./undo.ts";
import { unregisterVerb } from "./unregister.ts";
import { validateVerb } from "./validate.ts";
import { versionVerb } from "./version.ts";

/** What the help calls them → the verbs, in the order of the help. Only definitions: a verb's work is behind an import of its own. */
const VERBS: Readonly<Record<string, readonly (() => Command)[]>> = {
  "Try it:": [demoVerb],
  "See how it stands:": [getVerb, statusVerb, explainVerb, logsVerb, execVerb],
  "Without a cluster:": [injectVerb, validateVerb, convertVerb, simulateVerb],
  "Plan and change a rollout:": [previewVerb, setVerb, promoteVerb, pauseVerb, resumeVerb, undoVerb, historyVerb],
  "Operate the manager:": [
    installVerb,
    checkVerb,
    runVerb,
    migrateVerb,
    stopVerb,
    startVerb,
    unregisterVerb,
    supportBundleVerb,
    versionVerb,
    completionVerb,
  ],
};

export function everyVerb(): readonly Command[] {
  return Object.entries(VERBS).flatMap(([group, verbs]) => verbs.map((verb) => verb().helpGroup(group)));
}
