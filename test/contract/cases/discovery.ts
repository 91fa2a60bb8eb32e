import { expect } from "vitest";
import { PODS, type ResourceType } from "../../../src/cluster/resource.ts";
import { aPodOnNode, createPod, type Loose, refusal } from "../fixtures.ts";
import type { Chapter } from "../target.ts";

const TABLE = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };

/** Path of a resource list → resources it must name, with whether they live in namespaces. */
const RESOURCES: readonly (readonly [string, Readonly<Record<string, boolean>>])[] = [
  [
    "/api/v1",
    {
      pods: true,
      "pods/status": true,
      "pods/binding": true,
      "pods/eviction": true,
      configmaps: true,
      secrets: true,
      events: true,
      nodes: false,
      namespaces: false,
    },
  ],
  ["/apis/apps/v1", { deployments: true, "deployments/status": true, replicasets: true, controllerrevisions: true }],
  ["/apis/apps/v1", { statefulsets: true, "statefulsets/scale": true, "statefulsets/status": true, daemonsets: true }],
  ["/apis/batch/v1", { jobs: true, "jobs/status": true }],
  ["/apis/authorization.k8s.io/v1", { selfsubjectaccessreviews: false, selfsubjectrulesreviews: false }],
  ["/apis/coordination.k8s.io/v1", { leases: true }],
  ["/apis/apiextensions.k8s.io/v1", { customresourcedefinitions: false }],
  [
    "/apis/admissionregistration.k8s.io/v1",
    { mutatingwebhookconfigurations: false, validatingwebhookconfigurations: false },
  ],
  ["/apis/apps.kruise.io/v1beta1", { sidecarsets: false, "sidecarsets/status": false }],
  ["/apis/apps.kruise.io/v1alpha1", { sidecarsets: false, "sidecarsets/status": false }],
];

export const discovery: Chapter = {
  title: "discovery",
  cases: [
    {
      promise: "a resource that no group has is not found",
      async run({ cluster, namespace }) {
        const dreams: ResourceType = {
          group: "dreams.test",
          version: "v1",
          kind: "Dream",
          plural: "dreams",
          namespaced: true,
        };
        expect((await refusal(cluster.list(dreams, { namespace }))).kind).toBe("notFound");
        expect((await refusal(cluster.list({ ...PODS, plural: "dreams" }, { namespace }))).kind).toBe("notFound");
      },
    },
  ],
  httpCases: [
    {
      promise: "an unknown resource answers 404 with a Status or a plain text",
      async run({ http, namespace }) {
        for (const path of [`/api/v1/namespaces/${namespace}/dreams`, "/apis/dreams.test/v1/dreams", "/nonsense"]) {
          expect([path, (await http.request("GET", path)).code]).toEqual([path, 404]);
        }
        const { json, text } = await http.request("GET", "/apis/dreams.test/v1/dreams");
        expect(json?.message ?? text.trim()).toMatch(
          /^(404 page not found|the server could not find the requested resource)$/,
        );
      },
    },
    {
      promise: "the server tells its version and that it is well",
      async run({ http }) {
        const version = await http.request("GET", "/version");
        expect(version.json).toMatchObject({ major: "1", gitVersion: expect.stringMatching(/^v1\.\d+\.\d+/) });
        for (const path of ["/healthz", "/livez", "/readyz"]) {
          const answer = await http.request("GET", path);
          expect([path, answer.code, answer.text]).toEqual([path, 200, "ok"]);
        }
      },
    },
    {
      promise: "it lists its groups, and the version to prefer",
      async run({ http }) {
        expect((await http.request("GET", "/api")).json).toMatchObject({ kind: "APIVersions", versions: ["v1"] });
        const { json } = await http.request("GET", "/apis");
        expect(json.kind).toBe("APIGroupList");
        const names = json.groups.map((group: Loose["spec"]) => group.name);
        expect(names).toEqual(
          expect.arrayContaining(["apps", "apps.kruise.io", "apiextensions.k8s.io", "coordination.k8s.io"]),
        );
        const ours = json.groups.find((group: Loose["spec"]) => group.name === "apps.kruise.io");
        expect(ours.versions.map((version: Loose["spec"]) => version.version).sort()).toEqual(["v1alpha1", "v1beta1"]);
        expect(ours.preferredVersion.groupVersion).toBe("apps.kruise.io/v1beta1");
      },
    },
    ...RESOURCES.map(([path, wanted]) => ({
      promise: `${path} lists ${Object.keys(wanted).join(", ")}`,
      async run({ http }: { http: { request(method: string, path: string): Promise<{ json: Loose["spec"] }> } }) {
        const { json } = await http.request("GET", path);
        expect([json.kind, json.groupVersion]).toEqual(["APIResourceList", path.replace(/^\/apis?\//, "")]);
        const found = json.resources.map((resource: Loose["spec"]) => [resource.name, resource.namespaced]);
        expect(Object.fromEntries(found)).toMatchObject(wanted);
      },
    })),
    {
      promise: "pods come with the verbs, short names and kind that kubectl goes by",
      async run({ http }) {
        const { json } = await http.request("GET", "/api/v1");
        const pods = json.resources.find((resource: Loose["spec"]) => resource.name === "pods");
        expect(pods).toMatchObject({ kind: "Pod", singularName: "pod", shortNames: ["po"], namespaced: true });
        const verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
        expect([...pods.verbs].sort()).toEqual(verbs);
      },
    },
    {
      promise: "everything is discovered in one answer by who asks for it",
      async run({ http }) {
        const headers = { accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" };
        const { json } = await http.request("GET", "/apis", { headers });
        expect([json.kind, json.apiVersion]).toEqual(["APIGroupDiscoveryList", "apidiscovery.k8s.io/v2"]);
        const apps = json.items.find((item: Loose) => item.metadata.name === "apps");
        const deployments = apps.versions[0].resources.find((r: Loose["spec"]) => r.resource === "deployments");
        expect(deployments).toMatchObject({
          responseKind: { kind: "Deployment" },
          scope: "Namespaced",
          singularResource: "deployment",
        });
        expect(deployments.subresources.map((s: Loose["spec"]) => s.subresource)).toContain("status");
      },
    },
    {
      promise: "a table shows pods as kubectl prints them",
      async run({ http, cluster, namespace }) {
        const containers = [
          { name: "a", image: "a:1" },
          { name: "b", image: "b:1" },
        ];
        await createPod(cluster, aPodOnNode(namespace, "web", { spec: { containers } }));
        const containerStatuses = containers.map(({ name, image }, index) => {
          return { name, image, imageID: image, ready: index === 0, restartCount: index, state: { running: {} } };
        });
        const status = { phase: "Running", podIP: "10.0.0.7", podIPs: [{ ip: "10.0.0.7" }], containerStatuses };
        await cluster.patch(
          PODS,
          { namespace, name: "web" },
          { type: "merge", patch: { status } },
          { subresource: "status" },
        );
        const { json } = await http.request("GET", `/api/v1/namespaces/${namespace}/pods`, { headers: TABLE });
        expect([json.kind, json.apiVersion]).toEqual(["Table", "meta.k8s.io/v1"]);
        const columns = json.columnDefinitions.map((column: Loose["spec"]) => [column.name, column.priority]);
        expect(columns).toEqual([
          ["Name", 0],
          ["Ready", 0],
          ["Status", 0],
          ["Restarts", 0],
          ["Age", 0],
          ["IP", 1],
          ["Node", 1],
          ["Nominated Node", 1],
          ["Readiness Gates", 1],
        ]);
        const [row] = json.rows;
        expect(row.cells.slice(0, 4)).toEqual(["web", "1/2", "Running", "1"]);
        expect(row.cells.slice(5)).toEqual(["10.0.0.7", "no-such-node", "<none>", "<none>"]);
        expect(row.object).toMatchObject({
          kind: "PartialObjectMetadata",
          apiVersion: "meta.k8s.io/v1",
          metadata: { name: "web" },
        });
      },
    },
    {
      promise: "a table tells why a pod does not run",
      async run({ http, cluster, namespace }) {
        await createPod(cluster, aPodOnNode(namespace, "web"));
        const waiting = { reason: "ImagePullBackOff", message: "no such image" };
        const containerStatuses = [
          { name: "app", image: "app:1", imageID: "", ready: false, restartCount: 0, state: { waiting } },
        ];
        const patch = { status: { phase: "Pending", containerStatuses } };
        await cluster.patch(PODS, { namespace, name: "web" }, { type: "merge", patch }, { subresource: "status" });
        const table = () => http.request("GET", `/api/v1/namespaces/${namespace}/pods/web`, { headers: TABLE });
        expect((await table()).json.rows[0].cells.slice(1, 3)).toEqual(["0/1", "ImagePullBackOff"]);
        await cluster.delete(PODS, { namespace, name: "web" });
        expect((await table()).json.rows[0].cells[2]).toBe("Terminating");
      },
    },
  ],
};
