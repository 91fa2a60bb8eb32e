import { expect } from "vitest";
import { DEPLOYMENTS } from "../../../src/cluster/resource.ts";
import { BUILTIN_RESOURCES } from "../../../src/simulator/builtin/builtinResources.ts";
import texts from "../../../src/simulator/schema/builtinTypes.json" with { type: "json" };
import { describedTypes, type OpenApiSchemas } from "../describedTypes.ts";
import { aDeployment, type Loose } from "../fixtures.ts";
import type { Chapter, HttpDoor } from "../target.ts";

const KINDS = BUILTIN_RESOURCES.map(({ group, storageVersion: version, kind }) => ({ group, version, kind }));

export const declaredFields: Chapter = {
  title: "declared fields",
  cases: [
    {
      promise: "a field that a built-in kind does not have is not kept, at any depth",
      async run({ cluster, namespace }) {
        const stored = await cluster.create<Loose>(DEPLOYMENTS, withSlips(namespace));
        expect(stored.spec.foo).toBeUndefined();
        expect(stored.spec.template.spec.containers[0]).not.toHaveProperty("imagee");
        expect(stored.spec.template.spec.containers[0].env).toEqual([{ name: "A" }]);
        expect(stored.metadata).not.toHaveProperty("labls");
      },
    },
    {
      promise: "a patch cannot add a field that the kind does not have",
      async run({ cluster, namespace }) {
        await cluster.create<Loose>(DEPLOYMENTS, aDeployment(namespace, "web", { replicas: 0 }));
        const patch = { type: "merge", patch: { spec: { foo: 1 } } } as const;
        const patched = await cluster.patch<Loose>(DEPLOYMENTS, { namespace, name: "web" }, patch);
        expect(patched.spec.foo).toBeUndefined();
        expect(patched.metadata.generation).toBe(1);
      },
    },
  ],
  httpCases: [
    {
      promise: "under fieldValidation=Strict it is refused, each with its path",
      async run({ http, namespace }) {
        const answer = await post(http, namespace, "Strict");
        expect(answer.code).toBe(400);
        expect(answer.json.message).toBe(
          `Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: ${SLIPS.join(", ")}`,
        );
      },
    },
    {
      promise: "otherwise its sender is warned, unless he does not want to know",
      async run({ http, namespace }) {
        const warned = await post(http, namespace, "Warn");
        expect(warned.code).toBe(201);
        expect(warned.headers.warning).toBe(SLIPS.map((slip) => `299 - ${JSON.stringify(slip)}`).join(", "));
        await http.request("DELETE", `${path(namespace)}/web`);
        const ignored = await post(http, namespace, "Ignore");
        expect([ignored.code, ignored.headers.warning]).toEqual([201, undefined]);
      },
    },
    {
      promise: "under fieldValidation=Strict a custom resource is refused in the same words",
      async run({ http, unique }) {
        const body = {
          apiVersion: "apps.kruise.io/v1beta1",
          kind: "SidecarSet",
          metadata: { name: unique("slip") },
          spec: { foo: 1, selector: {}, containers: [{ name: "a", image: "a:1" }] },
        };
        const url = "/apis/apps.kruise.io/v1beta1/sidecarsets?fieldValidation=Strict&dryRun=All";
        const { json } = await http.request("POST", url, { body });
        expect(json.message).toBe(
          'SidecarSet in version "v1beta1" cannot be handled as a SidecarSet: strict decoding error: unknown field "spec.foo"',
        );
      },
    },
    {
      promise: "an apply has no place for it",
      async run({ http, namespace }) {
        const body = aDeployment(namespace, "web", { replicas: 0 });
        const headers = { "content-type": "application/apply-patch+yaml" };
        const { code, json } = await http.request("PATCH", `${path(namespace)}/web?fieldManager=a`, {
          body: { ...body, spec: { ...body.spec, foo: 1 } },
          headers,
        });
        expect([code, json.message]).toEqual([
          500,
          `failed to create typed patch object (${namespace}/web; apps/v1, Kind=Deployment): .spec.foo: field not declared in schema`,
        ]);
      },
    },
    {
      promise: "the server documents what its kinds hold, and how their lists are merged",
      async run({ http }) {
        const schemas: OpenApiSchemas = {};
        for (const place of new Set(KINDS.map(({ group, version }) => placeOf(group, version)))) {
          const { json } = await http.request("GET", `/openapi/v3/${place}`);
          Object.assign(schemas, json.components.schemas);
        }
        expect(describedTypes(schemas, KINDS)).toEqual(texts);
      },
    },
  ],
};

/** In the order they are written. */
const SLIPS = [
  "metadata.labls",
  "spec.template.spec.containers[0].imagee",
  "spec.template.spec.containers[0].env[0].nam",
  "spec.foo",
].map((field) => `unknown field ${JSON.stringify(field)}`);

function withSlips(namespace: string): Loose {
  const containers = [{ name: "app", image: "app:1", imagee: "app:2", env: [{ name: "A", nam: "B" }] }];
  const deployment = aDeployment(namespace, "web", { replicas: 0, containers });
  const metadata = { ...deployment.metadata, labls: { a: "b" } };
  return { ...deployment, metadata, spec: { ...deployment.spec, foo: 1 } };
}

function post(http: HttpDoor, namespace: string, fieldValidation: string) {
  return http.request("POST", `${path(namespace)}?fieldValidation=${fieldValidation}`, { body: withSlips(namespace) });
}

function path(namespace: string): string {
  return `/apis/apps/v1/namespaces/${namespace}/deployments`;
}

function placeOf(group: string, version: string): string {
  return group === "" ? `api/${version}` : `apis/${group}/${version}`;
}
