import { expect } from "vitest";
import type { Cluster } from "../../../src/cluster/cluster.ts";
import { MUTATING_WEBHOOKS, PODS } from "../../../src/cluster/resource.ts";
import { aPodOnNode, createPod, refusal } from "../fixtures.ts";
import type { Chapter } from "../target.ts";
import { ALLOWED, askedAbout, type Configuration, configuration, registered } from "../webhookFixtures.ts";

const MODE_IS_ON = { name: "mode", expression: 'object.metadata.labels["mode"] == "on"' };
const IN_MODE = { mode: "on" };

export const matchConditions: Chapter = {
  title: "match conditions of webhooks",
  cases: [
    {
      promise: "only objects for which the condition holds are asked about",
      async run(context) {
        const { cluster, namespace } = context;
        const expression =
          '(has(object.metadata.labels) && "app" in object.metadata.labels && object.metadata.labels["app"] in ["web", "db"])';
        const server = await registered(context, { matchConditions: [{ name: "app", expression }] }, () => ALLOWED, {
          app: "web",
        });
        await createPod(cluster, aPodOnNode(namespace, "bare"));
        await createPod(cluster, aPodOnNode(namespace, "other", { metadata: { labels: { app: "mail" } } }));
        await createPod(cluster, aPodOnNode(namespace, "db", { metadata: { labels: { app: "db" } } }));
        expect(askedAbout(server)).toEqual(["db"]);
      },
    },
    {
      promise: "all conditions must hold; they see the request and the object as it was",
      async run(context) {
        const { cluster, namespace } = context;
        const expressions = [
          `request.namespace == ${JSON.stringify(namespace)} && request.kind.kind == "Pod"`,
          'request.name != "not"',
          'request.operation == "CREATE" ? oldObject == null : oldObject.metadata.name == "a"',
        ];
        const conditions = expressions.map((expression, index) => ({ name: `c${index}`, expression }));
        const rules = [{ operations: ["CREATE", "UPDATE"] }];
        const server = await registered(context, { rules, matchConditions: conditions }, () => ALLOWED);
        const patch = { type: "merge", patch: { metadata: { labels: { changed: "yes" } } } } as const;
        for (const name of ["a", "b", "not"]) {
          await createPod(cluster, aPodOnNode(namespace, name));
          await cluster.patch(PODS, { namespace, name }, patch);
        }
        expect(askedAbout(server)).toEqual(["a", "a", "b"]);
      },
    },
    {
      promise: "under Fail an object is refused when a condition cannot be evaluated, unless another one says no",
      async run(context) {
        const { cluster, namespace } = context;
        const conditions = [MODE_IS_ON, { name: "other", expression: 'request.name != "exempt"' }];
        const server = await registered(context, { matchConditions: conditions }, () => ALLOWED, IN_MODE);
        const error = await refusal(createPod(cluster, aPodOnNode(namespace, "a")));
        expect(error.kind).toBe("forbidden");
        expect(error.message).toBe(
          `pods "a" is forbidden: expression '${MODE_IS_ON.expression}' resulted in error: no such key: labels`,
        );
        await createPod(cluster, aPodOnNode(namespace, "exempt"));
        expect(askedAbout(server)).toEqual([]);
      },
    },
    {
      promise: "under Ignore an object passes without being asked about when a condition cannot be evaluated",
      async run(context) {
        const { cluster, namespace } = context;
        const settings = { failurePolicy: "Ignore", matchConditions: [MODE_IS_ON] };
        const server = await registered(context, settings, () => ({ allowed: false }), IN_MODE);
        await createPod(cluster, aPodOnNode(namespace, "a"));
        expect(askedAbout(server)).toEqual([]);
      },
    },
    {
      promise: "what makes no sense is refused, with its field",
      async run({ cluster, unique }) {
        const conditions = [
          { name: "a", expression: "1 + 1" },
          { name: "b", expression: "object.x +" },
          { name: "", expression: "true" },
          { name: "c d", expression: "true" },
          { name: "a", expression: "true" },
          { name: "e", expression: "" },
          { name: "f", expression: "nobody.knows == 1" },
          { name: "g", expression: 'request.nothing == "x"' },
        ];
        const error = await refusal(configured(cluster, unique("w"), conditions));
        const causes = error.status?.details?.causes ?? [];
        expect(causes.map(({ field, reason }) => [field?.replace("webhooks[0].matchConditions", ""), reason])).toEqual([
          ["[0].expression", "FieldValueInvalid"],
          ["[1].expression", "FieldValueInvalid"],
          ["[2].name", "FieldValueRequired"],
          ["[3].name", "FieldValueInvalid"],
          ["[4].name", "FieldValueDuplicate"],
          ["[5].expression", "FieldValueRequired"],
          ["[6].expression", "FieldValueInvalid"],
          ["[7].expression", "FieldValueInvalid"],
        ]);
        expect(causes[0]?.message).toBe('Invalid value: "1 + 1": must evaluate to bool but got int');
        expect(causes[1]?.message).toContain('Invalid value: "object.x +": compilation failed: ');
      },
    },
    {
      promise: "there may be 64 of them",
      async run({ cluster, unique, afterwards }) {
        const conditions = (count: number) =>
          Array.from({ length: count }, (_, i) => ({ name: `n${i}`, expression: "true" }));
        const error = await refusal(configured(cluster, unique("w"), conditions(65)));
        expect(error.message).toContain("webhooks[0].matchConditions: Too many: 65: must have at most 64 items");
        const name = unique("w");
        await configured(cluster, name, conditions(64));
        afterwards(() => cluster.delete(MUTATING_WEBHOOKS, { name }));
      },
    },
  ],
};

function configured(cluster: Cluster, name: string, conditions: readonly object[]): Promise<Configuration> {
  const webhook = {
    name: "one.contract.test",
    clientConfig: { url: "https://127.0.0.1:1/x" },
    rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
    objectSelector: { matchLabels: { nobody: "has-this" } },
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
    matchConditions: conditions,
  };
  return cluster.create<Configuration>(MUTATING_WEBHOOKS, configuration(name, [webhook]));
}
