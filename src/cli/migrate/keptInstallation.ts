import { isClusterError } from "../../cluster/clusterError.ts";
import { CONFIG_MAPS } from "../../cluster/resource.ts";
import type { JsonObject, KubeObject } from "../../core/kube/object.ts";
import { CommandError, EXIT } from "../exitCode.ts";
import type { Move } from "./move.ts";
import { type Definition, found, type MigrationReading } from "./readMigration.ts";

/** ConfigMap of the system namespace that keeps what taking over changes of OpenKruise's installation, until it is given back. */
export const KEPT = "sidecarset-openkruise";
const KEY = "installation.json";

export interface KeptInstallation {
  readonly replicas: number;
  /** The entries of its two webhook configurations. */
  readonly mutating: readonly JsonObject[];
  readonly validating: readonly JsonObject[];
  /** Spec of its definition of SidecarSets. */
  readonly definition: Definition["spec"];
}

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** Of an installation that has been taken over half way what was kept first stays: what stands there now is our own doing. */
export async function keepInstallation(move: Move, reading: MigrationReading): Promise<void> {
  const { deployment, mutating, validating, definition } = reading;
  if (!definition) throw new CommandError("there is no definition of SidecarSets to keep", EXIT.blocked);
  const kept: KeptInstallation = {
    replicas: deployment?.spec?.replicas ?? 1,
    mutating: mutating?.webhooks ?? [],
    validating: validating?.webhooks ?? [],
    definition: definition.spec,
  };
  const object: ConfigMap = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { namespace: move.systemNamespace, name: KEPT },
    data: { [KEY]: JSON.stringify(kept) },
  };
  try {
    await move.cluster.create(CONFIG_MAPS, object, { dryRun: move.dryRun });
    move.say(`what changes of OpenKruise's installation is kept in ConfigMap ${move.systemNamespace}/${KEPT}`);
  } catch (error) {
    if (!isClusterError(error, "alreadyExists")) throw error;
    move.say(`ConfigMap ${move.systemNamespace}/${KEPT} is there already: going on with what was begun`);
  }
}

export async function keptInstallation({ cluster, systemNamespace }: Move): Promise<KeptInstallation | undefined> {
  const object = await found<ConfigMap>(cluster, CONFIG_MAPS, { namespace: systemNamespace, name: KEPT });
  const text = object?.data?.[KEY];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as KeptInstallation;
  } catch {
    throw new CommandError(`ConfigMap ${systemNamespace}/${KEPT}, key ${KEY}: JSON is expected`, EXIT.blocked);
  }
}
