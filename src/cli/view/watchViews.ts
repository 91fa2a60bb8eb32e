import type { Cluster } from "../../cluster/cluster.ts";
import { type Environment, systemClock } from "../../cluster/environment.ts";
import { labelsOf } from "../../cluster/gatherSnapshot.ts";
import { startInformer } from "../../cluster/informer.ts";
import { sidecarSetReader } from "../../cluster/readSidecarSet.ts";
import { SIDECAR_SETS } from "../../cluster/resource.ts";
import { startCopies } from "../../cluster/startCopies.ts";
import { switchesIn } from "../../cluster/switchCopy.ts";
import { RolloutBooks } from "../../controller/rolloutBooks.ts";
import { type RolloutView, rolloutView } from "../../core/explanation/rolloutView.ts";
import { injectionRules } from "../../core/injection/injectionRules.ts";
import { rolloutRules } from "../../core/rollout/rolloutRules.ts";
import { canaryBaseOf } from "../../core/sidecarSet/canary.ts";
import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";
import { missing } from "./clusterViews.ts";
import { Redraw } from "./redraw.ts";

export interface Watching {
  readonly cluster: Cluster;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Told about trouble with the line: the views stand still then. */
  readonly onTrouble: (message: string) => void;
}

/** Changes that come together are shown together. */
const EVERY_MS = 300;

/** Shows the SidecarSets as their statuses tell, whenever one changes. @param name of one alone; left out: all */
export async function watchStatuses(
  watching: Watching,
  name: string | undefined,
  show: (views: readonly RolloutView[]) => void,
): Promise<void> {
  const { cluster, signal } = watching;
  const environment = environmentOf(watching);
  const copy = startInformer({
    cluster,
    environment,
    signal,
    type: SIDECAR_SETS,
    transform: sidecarSetReader(environment.log),
    ...(name !== undefined && { listOptions: { fieldSelector: `metadata.name=${name}` } }),
  });
  await copy.synced;
  const draw = () => {
    const sets = [...copy.values()].filter((set) => set !== undefined);
    show(sets.map((set) => rolloutView(set)).sort((one, other) => (one.sidecarSet < other.sidecarSet ? -1 : 1)));
  };
  await redrawing(draw, signal, (soon) => copy.subscribe(soon));
}

/** Shows one SidecarSet with its pods, whenever anything about it changes. Work is done per change, not per pod. */
export async function watchRollout(
  watching: Watching,
  { name, systemNamespace }: { readonly name: string; readonly systemNamespace: string },
  show: (view: RolloutView | undefined) => void,
): Promise<void> {
  const { cluster, signal } = watching;
  const copies = startCopies({ cluster, environment: environmentOf(watching), signal, systemNamespace });
  const { pods, namespaces, revisions, sidecarSets, switches } = copies;
  await Promise.all([pods, namespaces, revisions, sidecarSets].map(({ synced }) => synced));
  const known = [...sidecarSets.values()].flatMap((set) => set?.name ?? []);
  if (!known.includes(name)) throw missing(name, known);
  const { excludedNamespaces } = injectionRules({ systemNamespace });
  const books = new RolloutBooks({
    pods: () => pods.values(),
    namespaceLabels: () => new Map([...namespaces.values()].map((each) => [each.metadata.name ?? "", labelsOf(each)])),
    excludedNamespaces,
  });
  const follow = (set: SidecarSet | undefined) => {
    if (set && (set.name === name || canaryBaseOf(set.annotations) === name)) books.setChanged(set);
  };
  for (const set of sidecarSets.values()) follow(set);
  const labels = (namespace: string) => {
    const found = namespaces.get({ name: namespace });
    return found && labelsOf(found);
  };
  const draw = () => {
    const set = sidecarSets.get({ name });
    const book = books.get(name);
    if (!set || !book) return show(undefined);
    const now = Date.now();
    book.stopUpdates(switchesIn(switches).updates);
    const own = [...revisions.values()];
    const plan = book.plan({ revisions: own, collisionCount: set.status.collisionCount ?? 0, now });
    const rules = rolloutRules(set, { excludedNamespaces });
    show(rolloutView(set, { status: plan.status, entries: book.pods(now), rules, revisions: own, now }));
  };
  await redrawing(draw, signal, (soon) => {
    pods.subscribe((change) => {
      const affected =
        change.type === "deleted"
          ? books.podGone(change.old)
          : books.podChanged(change.object, labels(change.object.namespace));
      if (affected.includes(name)) soon();
    });
    sidecarSets.subscribe((change) => {
      if (change.type === "deleted") books.setGone(change.old?.name ?? "");
      else follow(change.object);
      soon();
    });
    namespaces.subscribe((change) => {
      const [before, after] = [
        change.type === "added" ? undefined : change.old,
        change.type === "deleted" ? undefined : change.object,
      ];
      const namespace = (after ?? before)?.metadata.name ?? "";
      books.namespaceChanged(namespace, before && labelsOf(before), after && labelsOf(after));
      soon();
    });
    switches?.subscribe(soon);
  });
}

/** At once, and whenever something changes, until the signal aborts or a drawing throws. */
function redrawing(draw: () => void, signal: AbortSignal, subscribe: (soon: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const redraw = new Redraw(() => attempt(), EVERY_MS);
    const attempt = () => {
      try {
        draw();
      } catch (error) {
        redraw.stop();
        reject(error as Error);
      }
    };
    signal.addEventListener("abort", () => {
      redraw.stop();
      resolve();
    });
    if (signal.aborted) return resolve();
    subscribe(() => redraw.soon());
    attempt();
  });
}

function environmentOf({ onTrouble }: Watching): Environment {
  return {
    clock: systemClock,
    random: Math.random,
    log: (level, message, fields) => {
      if (level === "warn" || level === "error") onTrouble(`${message}: ${String(fields?.error ?? "")}`);
    },
  };
}
