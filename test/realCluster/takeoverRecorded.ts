import { existsSync } from "node:fs";
import { join } from "node:path";
import type { LabelSelector } from "../../src/core/kube/labelSelector.ts";
import type { JsonObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { podRecord } from "../../src/core/pod/podRecord.ts";
import { pairsToFlip, podFacts } from "../../src/core/rollout/podFacts.ts";
import { rolloutRules } from "../../src/core/rollout/rolloutRules.ts";
import { parseSidecarSet } from "../../src/core/sidecarSet/parseSidecarSet.ts";
import type { Loose } from "../contract/fixtures.ts";
import { type GoldenCase, loadCorpora } from "../golden/goldenCase.ts";

/** A SidecarSet and its pods as OpenKruise has left them, under names of their own so that many fit into one cluster. */
export interface RecordedState {
  readonly set: Loose;
  readonly namespaces: readonly Loose[];
  readonly pods: readonly Loose[];
}

const ALL = join(import.meta.dirname, "../../../shared/golden");
const OWN = join(import.meta.dirname, "../golden/cases");

/** Of the recordings as a whole where they are at hand, else of those in this repository. */
export function recordedStates() {
  const folder = existsSync(ALL) ? ALL : OWN;
  const corpora = loadCorpora(folder);
  const cases = [
    ...(corpora.get("pod-update") ?? []).flatMap(afterUpdate),
    ...(corpora.get("status") ?? []).map(paused),
  ];
  const settled = cases.filter((state) => !isHalfWay(state));
  return {
    halfWay: cases.length - settled.length,
    from: folder === ALL ? "all recorded cases" : "the recorded cases of this repository",
    states: settled.map((state, index) => renamed(state, `r${index}`)),
  };
}

/** The pod as OpenKruise has written it: nothing is left to do. Left out: writes that fail, and those of the condition alone. */
function afterUpdate({ input, expected }: GoldenCase): readonly Recorded[] {
  if (!("pod" in expected) || input.action === "condition") return [];
  const pod = JSON.parse(asText(expected.pod).replaceAll("<now>", "2026-07-02T08:00:00Z")) as Loose;
  return [{ set: input.sidecarSet as unknown as Loose, namespaces: [], pods: [pod] }];
}

/** Pods of every kind, outdated ones among them: OpenKruise leaves them alone while the update is paused, and so do we. */
function paused({ input }: GoldenCase): Recorded {
  const set = input.sidecarSet as unknown as Loose;
  const updateStrategy = { ...set.spec.updateStrategy, paused: true };
  return {
    set: { ...set, spec: { ...set.spec, updateStrategy } },
    namespaces: input.namespaces as unknown as readonly Loose[],
    pods: input.pods as unknown as readonly Loose[],
  };
}

type Recorded = RecordedState;

/** A hot upgrade whose second step is due: OpenKruise would write, and so do we. */
function isHalfWay({ set, pods }: Recorded): boolean {
  const parsed = parseSidecarSet(set);
  if (!parsed.ok) return false;
  const rules = rolloutRules(parsed.value);
  return pods.some((pod) => pairsToFlip(podFacts(podRecord(pod as unknown as Pod), rules)).length > 0);
}

function renamed({ set, namespaces, pods }: Recorded, prefix: string): RecordedState {
  const name = set.metadata.name ?? "";
  const named = (text: string) => text.replaceAll(`"${name}"`, `"${prefix}-${name}"`);
  const places = [...new Set([...namespaces.map(({ metadata }) => metadata.name ?? ""), ...pods.map(namespaceOf)])];
  const { namespace, namespaceSelector, ...spec } = set.spec;
  const inPlaces = (value: unknown) =>
    JSON.parse(
      places.reduce((text, place) => text.replaceAll(`"${place}"`, `"${prefix}-${place}"`), JSON.stringify(value)),
    );
  const { labels, annotations } = set.metadata;
  return {
    set: {
      apiVersion: "apps.kruise.io/v1beta1",
      kind: "SidecarSet",
      metadata: { name: `${prefix}-${name}`, ...(labels && { labels }), ...(annotations && { annotations }) },
      spec: {
        ...spec,
        namespaceSelector: within(
          places.map((place) => `${prefix}-${place}`),
          [
            ...(namespaceSelector ? [inPlaces(namespaceSelector)] : []),
            ...(namespace ? [{ matchLabels: { "kubernetes.io/metadata.name": `${prefix}-${namespace}` } }] : []),
          ],
        ),
      },
      ...(set.status && { status: set.status }),
    },
    namespaces: places.map((place) => {
      const known = namespaces.find(({ metadata }) => metadata.name === place);
      const { "kubernetes.io/metadata.name": _name, ...own } = known?.metadata.labels ?? {};
      return { apiVersion: "v1", kind: "Namespace", metadata: { name: `${prefix}-${place}`, labels: own } };
    }),
    pods: pods.flatMap((pod) => {
      const { labels, annotations = {}, deletionTimestamp } = pod.metadata;
      if (deletionTimestamp) return [];
      const metadata = {
        name: pod.metadata.name ?? "",
        namespace: `${prefix}-${namespaceOf(pod)}`,
        ...(labels && { labels }),
        annotations: Object.fromEntries(
          Object.entries(annotations).map(([key, value]) => [
            key,
            key === "kruise.io/sidecarset-injected-list" ? inList(value, name, prefix) : named(value),
          ]),
        ),
      };
      const status =
        pod.status &&
        (JSON.parse(asText(pod.status).replaceAll(escaped(name), escaped(`${prefix}-${name}`))) as JsonObject);
      const { containers } = pod.spec;
      return [
        {
          apiVersion: "v1",
          kind: "Pod",
          metadata,
          spec: { ...pod.spec, automountServiceAccountToken: false, containers },
          status,
        },
      ];
    }),
  };
}

/** All that the selectors say, and one of these namespaces: SidecarSets of the same names would be in each other's way. */
function within(places: readonly string[], selectors: readonly LabelSelector[]): JsonObject {
  const place = { key: "kubernetes.io/metadata.name", operator: "In", values: places };
  return {
    matchLabels: Object.assign({}, ...selectors.map(({ matchLabels = {} }) => matchLabels)),
    matchExpressions: [...selectors.flatMap(({ matchExpressions = [] }) => matchExpressions), place],
  } as JsonObject;
}

function inList(list: string, name: string, prefix: string): string {
  return list
    .split(",")
    .map((each) => (each === name ? `${prefix}-${name}` : each))
    .join(",");
}

function namespaceOf({ metadata }: Loose): string {
  return metadata.namespace ?? "default";
}

function asText(value: unknown): string {
  return JSON.stringify(value);
}

/** A name as it stands inside of a JSON text that is itself a JSON string. */
function escaped(name: string): string {
  return `\\"${name}\\"`;
}
