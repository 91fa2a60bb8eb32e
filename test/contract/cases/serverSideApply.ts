import { expect } from "vitest";
import type { JsonObject } from "../../../src/core/kube/object.ts";
import { aDeployment } from "../fixtures.ts";
import type { Chapter, HttpAnswer, HttpDoor } from "../target.ts";

export const serverSideApply: Chapter = {
  title: "server-side apply",
  httpCases: [
    {
      promise: "creates what is not there, and changes nothing when it is applied again",
      async run({ http, namespace }) {
        const first = await applyWeb(http, namespace, {});
        expect(first.code).toBe(201);
        const again = await applyWeb(http, namespace, {});
        expect(again.code).toBe(200);
        expect(again.json.metadata.generation).toBe(1);
        expect(again.json.metadata.managedFields).toContainEqual(first.json.metadata.managedFields[0]);
      },
    },
    {
      promise: "merges containers, variables and ports by their keys, and labels one by one",
      async run({ http, namespace }) {
        await applyWeb(http, namespace, { manager: "a" });
        const container = { name: "app", env: [{ name: "B", value: "2" }], ports: [{ containerPort: 81 }] };
        const spec = podTemplate({
          labels: { app: "web", more: "b" },
          containers: [{ name: "side", image: "side:1" }, container],
        });
        const { json } = await apply(http, namespace, { spec }, { manager: "b" });
        const { labels, containers } = { ...json.spec.template.metadata, ...json.spec.template.spec };
        expect(labels).toEqual({ app: "web", more: "b" });
        expect(containers.map(({ name }: Named) => name)).toEqual(["side", "app"]);
        expect(containers[1].env).toEqual([
          { name: "A", value: "1" },
          { name: "B", value: "2" },
        ]);
        expect(containers[1].ports.map(({ containerPort }: { containerPort: number }) => containerPort)).toEqual([
          80, 81,
        ]);
        expect(containers[1].image).toBe("app:1");
      },
    },
    {
      promise: "takes away what the manager's configuration no longer holds, and nothing else",
      async run({ http, namespace }) {
        const env = [
          { name: "A", value: "1" },
          { name: "B", value: "2" },
        ];
        await applyWeb(http, namespace, { container: { env }, labels: { mine: "1", ours: "1" } });
        await apply(http, namespace, { metadata: { labels: { ours: "1", theirs: "1" } } }, { manager: "other" });
        const { json } = await applyWeb(http, namespace, { container: { env: env.slice(1) } });
        expect(json.metadata.labels).toEqual({ ours: "1", theirs: "1" });
        expect(json.spec.template.spec.containers[0].env).toEqual(env.slice(1));
        expect(json.spec.template.spec.containers[0].terminationMessagePath).toBe("/dev/termination-log");
      },
    },
    {
      promise: "takes a container away with the defaults that were filled into it",
      async run({ http, namespace }) {
        const app = { name: "app", image: "app:1" };
        await apply(http, namespace, { spec: podTemplate({ containers: [app, { name: "side", image: "side:1" }] }) });
        const { json } = await apply(http, namespace, { spec: podTemplate({ containers: [app] }) });
        expect(json.spec.template.spec.containers.map(({ name }: Named) => name)).toEqual(["app"]);
      },
    },
    {
      promise: "is refused with 409 where it would change what somebody else applied, who and what is said",
      async run({ http, namespace }) {
        await applyWeb(http, namespace, { manager: "a" });
        const refused = await applyWeb(http, namespace, { manager: "b", container: { image: "app:2" } });
        const field = '.spec.template.spec.containers[name="app"].image';
        expect(refused.code).toBe(409);
        expect(refused.json).toMatchObject({
          reason: "Conflict",
          message: `Apply failed with 1 conflict: conflict with "a": ${field}`,
          details: { causes: [{ reason: "FieldManagerConflict", message: 'conflict with "a"', field }] },
        });
      },
    },
    {
      promise: "names everybody whose fields it would change, by the door and the version they came through",
      async run({ http, namespace }) {
        await applyWeb(http, namespace, {});
        const image = { spec: podTemplate({ containers: [{ name: "app", image: "app:2" }] }) };
        await patch(http, namespace, "", "strategic-merge-patch", image, "setter");
        await patch(http, namespace, "/scale", "merge-patch", { spec: { replicas: 5 } }, "scaler");
        // Who applied first has lost what the others changed.
        const refused = await applyWeb(http, namespace, { manager: "third" });
        expect(refused.json.message).toBe(
          [
            'Apply failed with 2 conflicts: conflicts with "scaler" with subresource "scale" using apps/v1:',
            "- .spec.replicas",
            'conflicts with "setter" using apps/v1:',
            '- .spec.template.spec.containers[name="app"].image',
          ].join("\n"),
        );
      },
    },
    {
      promise: "takes the fields over when it is forced, and then they are its own",
      async run({ http, namespace }) {
        await applyWeb(http, namespace, { manager: "a" });
        const forced = await applyWeb(http, namespace, { manager: "b", container: { image: "app:2" }, force: true });
        expect([forced.code, forced.json.spec.template.spec.containers[0].image]).toEqual([200, "app:2"]);
        const refused = await applyWeb(http, namespace, { manager: "a" });
        expect(refused.json.message).toContain('conflict with "b": ');
      },
    },
    {
      promise: "lets two managers own what they agree on",
      async run({ http, namespace }) {
        await applyWeb(http, namespace, { manager: "a" });
        expect((await applyWeb(http, namespace, { manager: "b" })).code).toBe(200);
        const refused = await applyWeb(http, namespace, { manager: "b", container: { image: "app:2" } });
        expect(refused.code).toBe(409);
      },
    },
    {
      promise: "leaves a field that the manager gives up to the others who own it",
      async run({ http, namespace }) {
        const without = {
          spec: { ...podTemplate({ containers: [{ name: "app", image: "app:1" }] }), replicas: undefined },
        };
        await applyWeb(http, namespace, { manager: "a", replicas: 3 });
        await applyWeb(http, namespace, { manager: "b", replicas: 3 });
        const { json } = await apply(http, namespace, without as unknown as JsonObject, { manager: "a" });
        expect(json.spec.replicas).toBe(3);
        const alone = await apply(http, namespace, without as unknown as JsonObject, { manager: "b" });
        expect(alone.json.spec.replicas).toBe(1);
      },
    },
    {
      promise: "managedFields say who owns what, through which door and how",
      async run({ http, namespace }) {
        await applyWeb(http, namespace, { manager: "a", labels: { mine: "1" } });
        await patch(http, namespace, "", "merge-patch", { spec: { paused: true } }, "pauser");
        const { json } = await http.request("GET", webPath(namespace));
        const entries = json.metadata.managedFields.filter(
          ({ manager }: { manager: string }) => manager !== "kube-controller-manager",
        );
        expect(entries).toEqual([
          {
            manager: "a",
            operation: "Apply",
            apiVersion: "apps/v1",
            time: expect.stringMatching(/^\d{4}-/),
            fieldsType: "FieldsV1",
            fieldsV1: {
              "f:metadata": { "f:labels": { "f:mine": {} } },
              "f:spec": {
                "f:replicas": {},
                "f:selector": {},
                "f:template": {
                  "f:metadata": { "f:labels": { "f:app": {} } },
                  "f:spec": {
                    "f:containers": {
                      'k:{"name":"app"}': {
                        ".": {},
                        "f:name": {},
                        "f:image": {},
                        "f:env": { 'k:{"name":"A"}': { ".": {}, "f:name": {}, "f:value": {} } },
                        "f:ports": { 'k:{"containerPort":80,"protocol":"TCP"}': { ".": {}, "f:containerPort": {} } },
                      },
                    },
                  },
                },
              },
            },
          },
          {
            manager: "pauser",
            operation: "Update",
            apiVersion: "apps/v1",
            time: expect.stringMatching(/^\d{4}-/),
            fieldsType: "FieldsV1",
            fieldsV1: { "f:spec": { "f:paused": {} } },
          },
        ]);
      },
    },
    {
      promise: "whoever creates owns all he sent, with its defaults, but not the status",
      async run({ http, namespace }) {
        const body = aDeployment(namespace, "web", { replicas: 1 });
        const { json } = await http.request("POST", `${path(namespace)}?fieldManager=maker`, { body });
        const [entry] = json.metadata.managedFields;
        expect(entry).toMatchObject({ manager: "maker", operation: "Update", apiVersion: "apps/v1" });
        expect(Object.keys(entry.fieldsV1)).toEqual(["f:spec"]);
        expect(Object.keys(entry.fieldsV1["f:spec"]).sort()).toEqual([
          "f:progressDeadlineSeconds",
          "f:replicas",
          "f:revisionHistoryLimit",
          "f:selector",
          "f:strategy",
          "f:template",
        ]);
        expect(entry.fieldsV1["f:spec"]["f:strategy"]).toEqual({
          "f:rollingUpdate": { ".": {}, "f:maxSurge": {}, "f:maxUnavailable": {} },
          "f:type": {},
        });
      },
    },
    {
      promise: "a manager without a name is called by its user agent",
      async run({ http, namespace }) {
        const body = aDeployment(namespace, "web", { replicas: 1 });
        const headers = { "user-agent": "hand-made/1.0 (linux)" };
        const { json } = await http.request("POST", path(namespace), { body, headers });
        expect(json.metadata.managedFields[0].manager).toBe("hand-made");
      },
    },
    {
      promise: "one empty entry forgets all owners",
      async run({ http, namespace }) {
        await applyWeb(http, namespace, { manager: "a" });
        await patch(http, namespace, "", "merge-patch", { metadata: { managedFields: [{}] } }, "reset");
        const taken = await applyWeb(http, namespace, { manager: "b", container: { image: "app:2" } });
        expect(taken.json.message).toContain('conflict with "before-first-apply" using apps/v1');
      },
    },
    {
      promise: "what kubectl applied from its own side it takes over, and no more than that",
      async run({ http, namespace }) {
        const configuration = aDeployment(namespace, "web", { replicas: 1 });
        const annotations = { "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify(configuration) };
        const body = { ...configuration, metadata: { ...configuration.metadata, annotations } };
        await http.request("POST", `${path(namespace)}?fieldManager=kubectl-client-side-apply`, { body });
        const taken = await applyWeb(http, namespace, { manager: "kubectl", replicas: 2 });
        expect(taken.code).toBe(200);
        await patch(http, namespace, "", "merge-patch", { metadata: { labels: { extra: "1" } } }, "labeller");
        const refused = await applyWeb(http, namespace, { manager: "kubectl", replicas: 2, labels: { extra: "2" } });
        expect(refused.json.message).toBe(
          'Apply failed with 1 conflict: conflict with "labeller" using apps/v1: .metadata.labels.extra',
        );
      },
    },
    {
      promise: "wants to know who applies, and nobody else can force",
      async run({ http, namespace }) {
        const nameless = await apply(http, namespace, {}, { manager: "" });
        expect([nameless.code, nameless.json.message]).toEqual([
          422,
          'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
        ]);
        const forcing = await http.request("PATCH", `${webPath(namespace)}?force=true`, {
          body: {},
          headers: { "content-type": "application/merge-patch+json" },
        });
        expect([forcing.code, forcing.json.message]).toEqual([
          422,
          'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
        ]);
      },
    },
    {
      promise: "a configuration says nothing about owners, and is of the object it is sent to",
      async run({ http, namespace }) {
        await applyWeb(http, namespace, {});
        const owners = await apply(http, namespace, { metadata: { managedFields: [{ manager: "x" }] } });
        expect([owners.code, owners.json.message]).toEqual([400, "metadata.managedFields must be nil"]);
        const stale = await apply(http, namespace, { metadata: { resourceVersion: "1" } });
        expect(stale.code).toBe(409);
        const other = await apply(http, namespace, { metadata: { name: "else" } });
        expect(other.code).toBe(400);
      },
    },
    {
      promise: "custom resources are merged by their schema, which takes the list of containers as a whole",
      async run({ http, unique, afterwards }) {
        const name = unique("applied");
        const url = `/apis/apps.kruise.io/v1beta1/sidecarsets/${name}`;
        afterwards(() => http.request("DELETE", url));
        const set = (manager: string, spec: object, metadata: object = {}) =>
          send(http, url, manager, {
            apiVersion: "apps.kruise.io/v1beta1",
            kind: "SidecarSet",
            metadata: { name, ...metadata },
            spec,
          });
        const containers = [{ name: "a", image: "a:1" }];
        const selector = { matchLabels: { "contract.test/none": "x" } };
        expect((await set("a", { selector, containers }, { labels: { a: "1" } })).code).toBe(201);
        const { json } = await set("b", { updateStrategy: { paused: true } }, { labels: { b: "1" } });
        expect(json.metadata.labels).toEqual({ a: "1", b: "1" });
        expect(json.spec).toEqual({ selector, containers, updateStrategy: { paused: true } });
        const refused = await set("b", { containers: [{ name: "b", image: "b:1" }] });
        expect(refused.json.message).toBe('Apply failed with 1 conflict: conflict with "a": .spec.containers');
        const given = await set("b", {});
        expect(given.json.spec).toEqual({ selector, containers });
      },
    },
  ],
};

interface Named {
  readonly name: string;
}

interface Applying {
  readonly manager?: string;
  readonly force?: boolean;
}

interface Web extends Applying {
  readonly container?: JsonObject;
  readonly labels?: Readonly<Record<string, string>>;
  readonly replicas?: number;
}

/** A Deployment with one container that has a variable and a port. */
function applyWeb(
  http: HttpDoor,
  namespace: string,
  { container = {}, labels, replicas = 2, ...how }: Web,
): Promise<HttpAnswer> {
  const app = {
    name: "app",
    image: "app:1",
    env: [{ name: "A", value: "1" }],
    ports: [{ containerPort: 80 }],
    ...container,
  };
  const metadata = labels ? { metadata: { labels } } : {};
  return apply(http, namespace, { ...metadata, spec: { ...podTemplate({ containers: [app] }), replicas } }, how);
}

function podTemplate({
  labels = { app: "web" },
  containers,
}: {
  labels?: JsonObject;
  containers: readonly JsonObject[];
}): JsonObject {
  return { selector: { matchLabels: { app: "web" } }, template: { metadata: { labels }, spec: { containers } } };
}

function apply(http: HttpDoor, namespace: string, part: JsonObject, how: Applying = {}): Promise<HttpAnswer> {
  const { manager = "contract", force } = how;
  const metadata = { name: "web", namespace, ...(part.metadata as object | undefined) };
  const configuration = { apiVersion: "apps/v1", kind: "Deployment", ...part, metadata };
  return send(http, `${webPath(namespace)}${force ? "?force=true" : ""}`, manager, configuration);
}

function send(http: HttpDoor, url: string, manager: string, body: object): Promise<HttpAnswer> {
  const separator = url.includes("?") ? "&" : "?";
  const headers = { "content-type": "application/apply-patch+yaml" };
  return http.request("PATCH", `${url}${separator}fieldManager=${manager}`, { body, headers });
}

async function patch(
  http: HttpDoor,
  namespace: string,
  door: "" | "/scale",
  type: "merge-patch" | "strategic-merge-patch",
  body: object,
  manager: string,
): Promise<void> {
  const headers = { "content-type": `application/${type}+json` };
  const answer = await http.request("PATCH", `${webPath(namespace)}${door}?fieldManager=${manager}`, { body, headers });
  expect(answer.code).toBe(200);
}

function path(namespace: string): string {
  return `/apis/apps/v1/namespaces/${namespace}/deployments`;
}

function webPath(namespace: string): string {
  return `${path(namespace)}/web`;
}
