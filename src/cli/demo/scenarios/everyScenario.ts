import { canary } from "./canary.ts";
import { hotUpgrade } from "./hotUpgrade.ts";
import { immutableChange } from "./immutableChange.ts";
import { manyPods } from "./manyPods.ts";
import { nativeSidecar } from "./nativeSidecar.ts";
import { partition } from "./partition.ts";
import { scatter } from "./scatter.ts";
import type { Scenario } from "./scenario.ts";
import type { ScenarioName } from "./scenarioNames.ts";
import { stuckImage } from "./stuckImage.ts";
import { webhookDown } from "./webhookDown.ts";

export const SCENARIOS: Readonly<Record<ScenarioName, Scenario>> = {
  canary,
  partition,
  scatter,
  "stuck-image": stuckImage,
  "webhook-down": webhookDown,
  "immutable-change": immutableChange,
  "hot-upgrade": hotUpgrade,
  "native-sidecar": nativeSidecar,
  "5000-pods": manyPods,
};
