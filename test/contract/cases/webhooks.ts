import { expect } from "vitest";
import type { Cluster } from "../../../src/cluster/cluster.ts";
import {
  MUTATING_WEBHOOKS,
  NAMESPACES,
  PODS,
  SIDECAR_SETS,
  VALIDATING_WEBHOOKS,
} from "../../../src/cluster/resource.ts";
import { aConfigMap, aPodOnNode, CONFIG_MAPS, createPod, eventually, type Loose, refusal } from "../fixtures.ts";
import { aSidecarSet } from "../sidecarSetsKind.ts";
import type { Chapter } from "../target.ts";
import {
  ALLOWED,
  askedAbout,
  type Configuration,
  configuration,
  isProbe,
  listening,
  register,
  registered,
  requestFor,
} from "../webhookFixtures.ts";
import { startWebhookServer, type WebhookServer } from "../webhookServer.ts";

const SIDECAR_SET_RULE = { apiGroups: ["apps.kruise.io"], apiVersions: ["v1beta1"], resources: ["sidecarsets"] };

export const webhooks: Chapter = {
  title: "admission webhooks",
  cases: [
    {
      promise: "a configuration is stored with what was left out filled in",
      async run({ cluster, unique, afterwards }) {
        const name = unique("webhook");
        const webhook = {
          name: "a.contract.test",
          clientConfig: { url: "https://127.0.0.1:1/x" },
          rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
          objectSelector: { matchLabels: { nobody: "has-this" } },
          sideEffects: "None",
          admissionReviewVersions: ["v1"],
        };
        const stored = await cluster.create<Configuration>(MUTATING_WEBHOOKS, configuration(name, [webhook]));
        afterwards(() => cluster.delete(MUTATING_WEBHOOKS, { name }));
        expect(stored.metadata.generation).toBe(1);
        expect(stored.webhooks[0]).toEqual({
          ...webhook,
          rules: [{ ...webhook.rules[0], scope: "*" }],
          failurePolicy: "Fail",
          matchPolicy: "Equivalent",
          namespaceSelector: {},
          reinvocationPolicy: "Never",
          timeoutSeconds: 10,
        });
        const patch = {
          type: "json",
          operations: [{ op: "replace", path: "/webhooks/0/failurePolicy", value: "Ignore" }],
        } as const;
        const changed = await cluster.patch<Configuration>(MUTATING_WEBHOOKS, { name }, patch);
        expect([changed.webhooks[0].failurePolicy, changed.metadata.generation]).toEqual(["Ignore", 2]);
      },
    },
    {
      promise: "a configuration that makes no sense is refused",
      async run({ cluster, unique }) {
        const webhook = {
          name: "short",
          clientConfig: { url: "http://x" },
          sideEffects: "Some",
          admissionReviewVersions: ["v1"],
        };
        const error = await refusal(
          cluster.create<Configuration>(MUTATING_WEBHOOKS, configuration(unique("w"), [webhook])),
        );
        expect(error.kind).toBe("invalid");
        const fields = error.status?.details?.causes?.map((cause) => cause.field);
        expect(fields).toEqual(
          expect.arrayContaining(["webhooks[0].name", "webhooks[0].sideEffects", "webhooks[0].clientConfig.url"]),
        );
      },
    },
    {
      promise: "a pod is stored as the webhook patched it, and the webhook sees a whole AdmissionReview",
      async run(context) {
        const { cluster, namespace } = context;
        const server = await registered(context, {}, () => ({
          allowed: true,
          patch: [
            { op: "add", path: "/metadata/annotations", value: { patched: "yes" } },
            { op: "add", path: "/spec/containers/-", value: { name: "sidecar", image: "sidecar:1" } },
          ],
        }));
        const pod = await createPod(cluster, aPodOnNode(namespace, "a", { metadata: { labels: { app: "web" } } }));
        expect(pod.metadata.annotations).toMatchObject({ patched: "yes" });
        expect(pod.spec.containers.map((c: Loose["spec"]) => [c.name, c.imagePullPolicy])).toEqual([
          ["app", "IfNotPresent"],
          ["sidecar", "IfNotPresent"],
        ]);
        const request = requestFor(server, "a");
        expect(request).toMatchObject({
          operation: "CREATE",
          kind: { group: "", version: "v1", kind: "Pod" },
          resource: { group: "", version: "v1", resource: "pods" },
          requestKind: { group: "", version: "v1", kind: "Pod" },
          name: "a",
          namespace,
          dryRun: false,
          oldObject: null,
          options: { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1" },
          object: { apiVersion: "v1", kind: "Pod", metadata: { name: "a", namespace, labels: { app: "web" } } },
        });
        expect(request.uid).toMatch(/^[0-9a-f-]{36}$/);
        expect(request.userInfo.username).toBeTruthy();
        expect(request.object.metadata.resourceVersion).toBeUndefined();
        expect(request.object.spec.restartPolicy).toBe("Always");
      },
    },
    {
      promise: "an update shows the old and the new object, a status write is another resource",
      async run(context) {
        const { cluster, namespace } = context;
        const server = await registered(context, { rules: [{ operations: ["CREATE", "UPDATE"] }] }, () => ALLOWED);
        await createPod(cluster, aPodOnNode(namespace, "a"));
        const name = { namespace, name: "a" };
        await cluster.patch(PODS, name, { type: "merge", patch: { metadata: { labels: { new: "1" } } } });
        await cluster.patch(
          PODS,
          name,
          { type: "merge", patch: { status: { phase: "Running" } } },
          { subresource: "status" },
        );
        const requests = server.calls.map((call) => call.request).filter((request) => request.name === "a");
        expect(requests.map((request) => request.operation)).toEqual(["CREATE", "UPDATE"]);
        expect(requests[1].oldObject.metadata.labels).toBeUndefined();
        expect(requests[1].object.metadata.labels).toEqual({ new: "1" });
      },
    },
    {
      promise: "a pod created by generateName has no name yet when it is asked about",
      async run(context) {
        const { cluster, namespace } = context;
        const server = await registered(context, {}, () => ALLOWED);
        const { metadata, ...rest } = aPodOnNode(namespace, "");
        await createPod(cluster, { ...rest, metadata: { namespace: metadata.namespace, generateName: "web-" } });
        const { object } = server.calls
          .map((call) => call.request)
          .find((r) => r.object.metadata.generateName === "web-");
        expect(object.metadata.name).toBeUndefined();
      },
    },
    {
      promise: "a denial is passed on with its reason",
      async run(context) {
        const { cluster, namespace } = context;
        await registered(context, {}, (request) =>
          request.name === "a" ? { allowed: false, status: { message: "not on my watch", code: 400 } } : ALLOWED,
        );
        const error = await refusal(createPod(cluster, aPodOnNode(namespace, "a")));
        expect(error.message).toBe('admission webhook "one.contract.test" denied the request: not on my watch');
        expect(error.status?.code).toBe(400);
        expect((await refusal(cluster.get(PODS, { namespace, name: "a" }))).kind).toBe("notFound");
      },
    },
    {
      promise: "a denial without a code is a bad request",
      async run(context) {
        const { cluster, namespace } = context;
        await registered(context, {}, (request) => (request.name === "a" ? { allowed: false } : ALLOWED));
        const error = await refusal(createPod(cluster, aPodOnNode(namespace, "a")));
        expect(error.message).toBe('admission webhook "one.contract.test" denied the request without explanation');
        expect([error.status?.code, error.status?.reason]).toEqual([400, undefined]);
      },
    },
    {
      promise: "who cannot be asked blocks under Fail",
      async run(context) {
        const { cluster, namespace } = context;
        const server = await registered(context, { failurePolicy: "Fail" }, () => ALLOWED);
        await server.close();
        const error = await refusal(createPod(cluster, aPodOnNode(namespace, "a")));
        expect(error.status).toMatchObject({ code: 500, reason: "InternalError" });
        expect(error.message).toMatch(
          /^Internal error occurred: failed calling webhook "one.contract.test": failed to call webhook: /,
        );
      },
    },
    {
      promise: "who cannot be asked is passed over under Ignore",
      async run(context) {
        const { cluster, namespace } = context;
        const server = await registered(context, { failurePolicy: "Ignore" }, () => ALLOWED);
        await server.close();
        expect((await createPod(cluster, aPodOnNode(namespace, "a"))).metadata.uid).toBeDefined();
      },
    },
    {
      promise: "an answer that takes longer than its seconds counts as none",
      async run(context) {
        const { cluster, namespace } = context;
        await registered(context, { failurePolicy: "Fail", timeoutSeconds: 1 }, (request) =>
          request.name === "a" ? undefined : ALLOWED,
        );
        const startedAt = Date.now();
        const error = await refusal(createPod(cluster, aPodOnNode(namespace, "a")));
        expect(error.status?.code).toBe(500);
        expect(error.message).toContain('failed calling webhook "one.contract.test"');
        expect(Date.now() - startedAt).toBeLessThan(5_000);
      },
    },
    {
      promise: "a certificate of another authority is not believed",
      async run(context) {
        const { cluster, namespace } = context;
        const stranger = await startWebhookServer(() => ALLOWED);
        context.afterwards(() => stranger.close());
        const server = await registered(context, { failurePolicy: "Fail" }, () => ALLOWED);
        const name = await onlyConfiguration(cluster, server);
        const operations = [
          { op: "replace", path: "/webhooks/0/clientConfig/caBundle", value: stranger.caBundle },
        ] as const;
        await cluster.patch(MUTATING_WEBHOOKS, { name }, { type: "json", operations });
        await eventually(async () => {
          const error = await refusal(createPod(cluster, aPodOnNode(namespace, context.unique("p"))));
          expect(error.message).toMatch(/failed to call webhook: .*certificate/);
        });
      },
    },
    {
      promise: "only objects that the selector chooses are asked about, as they are or as they were",
      async run(context) {
        const { cluster, namespace } = context;
        const settings = {
          objectSelector: { matchExpressions: [{ key: "app", operator: "In", values: ["web"] }] },
          rules: [{ operations: ["CREATE", "UPDATE"] }],
        };
        const server = await registered(context, settings, () => ALLOWED, { app: "web" });
        await createPod(cluster, aPodOnNode(namespace, "not"));
        await createPod(cluster, aPodOnNode(namespace, "yes", { metadata: { labels: { app: "web" } } }));
        const patch = { type: "merge", patch: { metadata: { labels: { app: "db" } } } } as const;
        await cluster.patch(PODS, { namespace, name: "yes" }, patch);
        expect(askedAbout(server)).toEqual(["yes", "yes"]);
      },
    },
    {
      promise: "only the operations that the rule names are asked about",
      async run(context) {
        const { cluster, namespace } = context;
        const server = await registered(context, {}, () => ALLOWED);
        await createPod(cluster, aPodOnNode(namespace, "a"));
        const patch = { type: "merge", patch: { metadata: { labels: { app: "db" } } } } as const;
        await cluster.patch(PODS, { namespace, name: "a" }, patch);
        await cluster.delete(PODS, { namespace, name: "a" }, { gracePeriodSeconds: 0 });
        expect(server.calls.filter(({ request }) => !isProbe(request)).map(({ request }) => request.operation)).toEqual(
          ["CREATE"],
        );
      },
    },
    {
      promise: "only namespaces that the selector chooses are asked about",
      async run(context) {
        const { cluster, namespace, unique, afterwards } = context;
        const other = unique("other");
        const labelled = { name: other, labels: { "contract.test/other": other } };
        await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: labelled });
        afterwards(() => cluster.delete(NAMESPACES, { name: other }));
        const namespaceSelector = { matchExpressions: [{ key: "contract.test/other", operator: "DoesNotExist" }] };
        const server = await registered(
          context,
          { namespaceSelector, rules: [{ resources: ["configmaps"] }] },
          () => ALLOWED,
        );
        await cluster.create(CONFIG_MAPS, aConfigMap("not", {}, { namespace: other }));
        await cluster.create(CONFIG_MAPS, aConfigMap("yes", {}, { namespace }));
        const foreign = (name: string) => name !== "kube-root-ca.crt";
        expect(askedAbout(server).filter(foreign)).toEqual(["yes"]);
      },
    },
    {
      promise: "a webhook for one version of a kind is asked about the others as well, in the version it knows",
      async run(context) {
        const { cluster, unique, afterwards } = context;
        const name = unique("set");
        const patch = [{ op: "add", path: "/metadata/annotations", value: { patched: "yes" } }];
        const server = await registered(context, { rules: [SIDECAR_SET_RULE] }, () => ({ allowed: true, patch }));
        const older = { ...SIDECAR_SETS, version: "v1alpha1" };
        const written = { ...aSidecarSet(name), apiVersion: "apps.kruise.io/v1alpha1" };
        const created = await cluster.create<Loose>(older, written);
        afterwards(() => cluster.delete(SIDECAR_SETS, { name }));
        expect([created.apiVersion, created.metadata.annotations]).toEqual([written.apiVersion, { patched: "yes" }]);
        expect(requestFor(server, name)).toMatchObject({
          kind: { version: "v1beta1" },
          resource: { version: "v1beta1" },
          requestKind: { version: "v1alpha1" },
          requestResource: { version: "v1alpha1" },
          object: { apiVersion: "apps.kruise.io/v1beta1", kind: "SidecarSet" },
        });
      },
    },
    {
      promise: "unless it insists on that version",
      async run(context) {
        const { cluster, unique } = context;
        const exact = { rules: [SIDECAR_SET_RULE], matchPolicy: "Exact" };
        const server = await registered(context, exact, () => ALLOWED);
        const [older, newer] = [unique("older"), unique("newer")];
        const written = { ...aSidecarSet(older), apiVersion: "apps.kruise.io/v1alpha1" };
        await cluster.create<Loose>({ ...SIDECAR_SETS, version: "v1alpha1" }, written, { dryRun: true });
        await cluster.create(SIDECAR_SETS, aSidecarSet(newer), { dryRun: true });
        expect(askedAbout(server)).toEqual([newer]);
      },
    },
    {
      promise: "what others write while a webhook thinks is not lost: a named version conflicts, a patch starts again",
      async run(context) {
        const { cluster, namespace } = context;
        const name = { namespace, name: "a" };
        const label = (labels: Record<string, string>) =>
          cluster.patch<Loose>(CONFIG_MAPS, name, { type: "merge", patch: { metadata: { labels } } });
        let others = 0;
        const rules = [{ operations: ["CREATE", "UPDATE"], resources: ["configmaps"] }];
        await registered(context, { rules }, async (request) => {
          const { data, metadata } = request.object;
          if (data?.slow && metadata.labels?.other === request.oldObject?.metadata.labels?.other && others < 2) {
            others += 1;
            await label({ other: String(others) });
          }
          return ALLOWED;
        });
        const created = await cluster.create<Loose>(CONFIG_MAPS, aConfigMap("a", {}, { namespace }));
        const named = { ...created, data: { slow: "update" } };
        expect((await refusal(cluster.update(CONFIG_MAPS, named))).kind).toBe("conflict");
        expect(await cluster.get<Loose>(CONFIG_MAPS, name)).not.toMatchObject({ data: named.data });
        const patched = await cluster.patch<Loose>(CONFIG_MAPS, name, {
          type: "merge",
          patch: { data: { slow: "patch" } },
        });
        expect([patched.data, patched.metadata.labels]).toEqual([{ slow: "patch" }, { other: "2" }]);
      },
    },
    {
      promise: "a dry run is asked about as such",
      async run(context) {
        const { cluster, namespace } = context;
        const server = await registered(context, {}, () => ALLOWED);
        await cluster.create(PODS, aPodOnNode(namespace, "dry"), { dryRun: true });
        expect(requestFor(server, "dry").dryRun).toBe(true);
      },
    },
    {
      promise:
        "webhooks are asked in the order of their configurations' names, and each sees what the earlier ones did",
      async run(context) {
        const { cluster, namespace } = context;
        const server = await listening(context, (request, path) => ({
          allowed: true,
          patch: appendOrder(request, path),
        }));
        await register(context, server, { path: "/second", configurationName: context.unique("zz") });
        await register(context, server, { path: "/first", configurationName: context.unique("aa") });
        const pod = await createPod(cluster, aPodOnNode(namespace, "a", { metadata: { annotations: { order: "" } } }));
        expect(pod.metadata.annotations?.order).toBe("/first/second");
      },
    },
    {
      promise: "whoever wants it is asked again after a later webhook has changed the object",
      async run(context) {
        const { cluster, namespace } = context;
        const server = await listening(context, (request, path) => ({
          allowed: true,
          patch: appendOrder(request, path),
        }));
        await register(context, server, { path: "/second", configurationName: context.unique("zz") });
        const again = { path: "/first", configurationName: context.unique("aa"), reinvocationPolicy: "IfNeeded" };
        await register(context, server, again);
        const pod = await createPod(cluster, aPodOnNode(namespace, "a", { metadata: { annotations: { order: "" } } }));
        expect(pod.metadata.annotations?.order).toBe("/first/second/first");
      },
    },
    {
      promise: "whoever wants it is not asked again when nothing was changed after it",
      async run(context) {
        const { cluster, namespace } = context;
        const server = await listening(context, (request, path) =>
          path === "/first" ? { allowed: true, patch: appendOrder(request, path) } : ALLOWED,
        );
        await register(context, server, { path: "/second", configurationName: context.unique("zz") });
        const first = { path: "/first", configurationName: context.unique("aa"), reinvocationPolicy: "IfNeeded" };
        await register(context, server, first);
        await createPod(cluster, aPodOnNode(namespace, "a", { metadata: { annotations: { order: "" } } }));
        const paths = server.calls.filter(({ request }) => request.name === "a").map(({ path }) => path);
        expect(paths).toEqual(["/first", "/second"]);
      },
    },
    {
      promise: "validating webhooks see the final object, and may only refuse",
      async run(context) {
        const { cluster, namespace } = context;
        await registered(context, {}, () => ({
          allowed: true,
          patch: [{ op: "add", path: "/metadata/annotations", value: { patched: "yes" } }],
        }));
        const server = await listening(context, (request) =>
          request.name === "bad" ? { allowed: false, status: { message: "bad" } } : ALLOWED,
        );
        await register(context, server, { type: VALIDATING_WEBHOOKS, webhookName: "two.contract.test" });
        await createPod(cluster, aPodOnNode(namespace, "good"));
        expect(requestFor(server, "good").object.metadata.annotations).toMatchObject({ patched: "yes" });
        const error = await refusal(createPod(cluster, aPodOnNode(namespace, "bad")));
        expect(error.message).toBe('admission webhook "two.contract.test" denied the request: bad');
      },
    },
    {
      promise: "deletions can be asked about",
      async run(context) {
        const { cluster, namespace } = context;
        const server = await registered(context, { rules: [{ operations: ["CREATE", "DELETE"] }] }, (request) =>
          request.operation === "DELETE" ? { allowed: false, status: { message: "stays" } } : ALLOWED,
        );
        await createPod(cluster, aPodOnNode(namespace, "a"));
        const error = await refusal(cluster.delete(PODS, { namespace, name: "a" }));
        expect(error.message).toBe('admission webhook "one.contract.test" denied the request: stays');
        const asked = server.calls.map((call) => call.request).find((request) => request.operation === "DELETE");
        expect([asked.object, asked.oldObject.metadata.name]).toEqual([null, "a"]);
      },
    },
  ],
  httpCases: [
    {
      promise: "a webhook's warnings reach the client",
      async run(context) {
        const { http, namespace } = context;
        await registered(context, {}, () => ({ allowed: true, warnings: ["mind the gap"] }));
        const body = aPodOnNode(namespace, "a");
        const answer = await http.request("POST", `/api/v1/namespaces/${namespace}/pods`, { body });
        expect(answer.code).toBe(201);
        expect(String(answer.headers.warning)).toContain('299 - "mind the gap"');
      },
    },
  ],
};

async function onlyConfiguration(cluster: Cluster, server: WebhookServer): Promise<string> {
  const list = await cluster.list<Configuration>(MUTATING_WEBHOOKS);
  const found = list.items.find((item) => item.webhooks[0].clientConfig.url.startsWith(server.url));
  return found?.metadata.name ?? "";
}

/** Writes the path behind those already written. */
function appendOrder(request: Loose["spec"], path: string): object[] {
  const before = request.object.metadata.annotations?.order ?? "";
  return [{ op: "replace", path: "/metadata/annotations/order", value: before + path }];
}
