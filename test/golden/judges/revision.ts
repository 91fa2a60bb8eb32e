import { findPinnedRevision } from "../../../src/core/injection/findPinnedRevision.ts";
import { encodeSorted } from "../../../src/core/kube/goJson.ts";
import type { ControllerRevision, Json, JsonObject } from "../../../src/core/kube/object.ts";
import { typedForm } from "../../../src/core/kube/shape.ts";
import { unreachable } from "../../../src/core/result.ts";
import { planRevisions } from "../../../src/core/rollout/revisionHistory.ts";
import type { RevisionAction } from "../../../src/core/rollout/rolloutPlan.ts";
import { CUSTOM_VERSION_LABEL, DEFAULT_SYSTEM_NAMESPACE } from "../../../src/core/sidecarSet/annotations.ts";
import { parseSidecarSet } from "../../../src/core/sidecarSet/parseSidecarSet.ts";
import { revisionOf } from "../../../src/core/sidecarSet/revision.ts";
import type { SidecarSet } from "../../../src/core/sidecarSet/sidecarSet.ts";
import { V1BETA1 } from "../../../src/core/sidecarSet/sidecarSetShape.ts";
import { compare, type Judge } from "../judge.ts";

export const revision: Judge = ({ input, expected }) => {
  switch (input.kind) {
    case "new":
      return compare(build(input), expected);
    case "register":
      return compare({ steps: register(input) }, expected);
    case "truncate":
      return compare(truncate(input), expected);
    case "restore":
      return compare({ sidecarSet: restore(input) }, expected);
    default:
      throw new Error(`unknown kind ${JSON.stringify(input.kind)}`);
  }
};

function parsed(raw: Json | undefined): SidecarSet {
  const result = parseSidecarSet(raw);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function build(input: JsonObject) {
  const set = parsed(input.sidecarSet);
  const built = revisionOf(set, {
    revision: input.revision as number,
    collisionCount: input.collisionCount as number,
  });
  const { name, labels, annotations } = built.metadata;
  const data = encodeSorted(built.data ?? null);
  const withNotes = annotations && Object.keys(annotations).length > 0 ? { annotations } : {};
  return { ...withNotes, data, labels, name, namespace: DEFAULT_SYSTEM_NAMESPACE, revision: built.revision };
}

/** The stored revisions after a round; recording one leads to another round, as in the controller. */
function settle(set: SidecarSet, stored: readonly ControllerRevision[], inUse: ReadonlySet<string>) {
  const plan = (revisions: readonly ControllerRevision[]) =>
    planRevisions(set, revisions, { collisionCount: 0, isInUse: (name) => inUse.has(name) });
  let revisions = stored;
  for (let round = 0; round < 3; round += 1) {
    revisions = plan(revisions).actions.reduce(applied, revisions);
  }
  return { revisions: [...revisions].sort((a, b) => a.revision - b.revision), latest: plan(revisions).latest };
}

function applied(revisions: readonly ControllerRevision[], action: RevisionAction): readonly ControllerRevision[] {
  const changed = (name: string, change: (one: ControllerRevision) => ControllerRevision) =>
    revisions.map((one) => (one.metadata.name === name ? change(one) : one));
  switch (action.kind) {
    case "recordRevision":
      return [...revisions, action.revision];
    case "reorderRevision":
      return changed(action.name, (one) => ({ ...one, revision: action.to }));
    case "labelRevision":
      return changed(action.name, (one) => {
        const labels = { ...one.metadata.labels, [CUSTOM_VERSION_LABEL]: action.customVersion };
        return { ...one, metadata: { ...one.metadata, labels } };
      });
    case "pruneRevision":
      return revisions.filter((one) => one.metadata.name !== action.name);
    default:
      return unreachable(action);
  }
}

function register(input: JsonObject) {
  let stored: readonly ControllerRevision[] = [];
  return (input.steps as readonly JsonObject[]).map(({ sidecarSet, podsUseRevisions }) => {
    const { revisions, latest } = settle(parsed(sidecarSet), stored, new Set(podsUseRevisions as string[]));
    stored = revisions;
    return {
      collisionCount: 0,
      latestRevision: latest,
      stored: revisions.map(({ metadata, revision: number }) => {
        const customVersion = metadata.labels?.[CUSTOM_VERSION_LABEL];
        return { ...(customVersion && { customVersion }), name: metadata.name, revision: number };
      }),
    };
  });
}

function truncate(input: JsonObject) {
  const existing = (input.existing as readonly JsonObject[]).map(
    ({ name, revision: number, customVersion }): ControllerRevision => ({
      apiVersion: "apps/v1",
      kind: "ControllerRevision",
      metadata: {
        name: name as string,
        labels: customVersion ? { [CUSTOM_VERSION_LABEL]: customVersion as string } : {},
      },
      data: {},
      revision: number as number,
    }),
  );
  const inUse = new Set(input.podsUseRevisions as string[]);
  const { revisions, latest } = settle(parsed(input.sidecarSet), existing, inUse);
  const left = new Set(revisions.map(({ metadata }) => metadata.name));
  const names = existing.map(({ metadata }) => metadata.name!).sort();
  return {
    deleted: names.filter((name) => !left.has(name)),
    kept: names.filter((name) => left.has(name)),
    latestRevision: latest,
    latestRevisionNumber: revisions.at(-1)?.revision,
  };
}

function restore(input: JsonObject): Json {
  const raw = input.sidecarSet as JsonObject;
  const set = parsed({
    ...raw,
    spec: { ...(raw.spec as JsonObject), injectionStrategy: { revision: input.revisionInfo } },
  });
  const found = findPinnedRevision(set, input.controllerRevisions as unknown as ControllerRevision[]);
  if (!found.ok) throw new Error(found.error.reason.message);
  const { spec, annotations, status } = found.value;
  const { containers, initContainers, volumes, imagePullSecrets, patchPodMetadata } = spec;
  const rebuilt = {
    ...raw,
    metadata: { ...(raw.metadata as JsonObject), annotations },
    spec: { containers, initContainers, volumes, imagePullSecrets, patchPodMetadata },
    status: { ...(raw.status as JsonObject), latestRevision: status.latestRevision },
  };
  return typedForm(JSON.parse(JSON.stringify(rebuilt)) as Json, V1BETA1);
}
