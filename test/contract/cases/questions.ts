import { expect } from "vitest";
import { aPod, aPodOnNode, createPod } from "../fixtures.ts";
import type { Chapter, HttpAnswer, HttpDoor } from "../target.ts";

/** What is asked of a server and not stored: what a container wrote, what somebody may do. */
export const questions: Chapter = {
  title: "questions",
  httpCases: [
    {
      promise: "whoever may do everything is told so, for one thing and for all",
      async run({ http, namespace }) {
        const path = "/apis/authorization.k8s.io/v1";
        const resourceAttributes = { namespace, verb: "delete", resource: "pods" };
        const one = await http.request("POST", `${path}/selfsubjectaccessreviews`, {
          body: { spec: { resourceAttributes } },
        });
        expect([one.code, one.json.status.allowed]).toEqual([201, true]);
        const all = await http.request("POST", `${path}/selfsubjectrulesreviews`, { body: { spec: { namespace } } });
        expect(all.json.status.resourceRules).toContainEqual({ verbs: ["*"], apiGroups: ["*"], resources: ["*"] });
        expect(all.json.status.nonResourceRules).toContainEqual({ verbs: ["*"], nonResourceURLs: ["*"] });
        expect(all.json.status.incomplete).toBe(false);
        const nowhere = await http.request("POST", `${path}/selfsubjectrulesreviews`, { body: { spec: {} } });
        expect([nowhere.code, nowhere.json.message]).toEqual([400, "no namespace on request"]);
      },
    },
    {
      promise: "a pod that is not there has no log, and one on no node an empty one",
      async run({ http, namespace, cluster }) {
        expect((await log(http, namespace, "nope")).json.message).toBe('pods "nope" not found');
        await createPod(cluster, aPod(namespace, "a", { spec: { schedulerName: "nobody" } }));
        const answer = await log(http, namespace, "a");
        expect([answer.code, answer.text]).toEqual([204, ""]);
      },
    },
    {
      promise: "the log of a pod with several containers needs the name of one",
      async run({ http, namespace, cluster }) {
        const container = (name: string) => ({ name, image: `${name}:1` });
        const containers = [container("a"), container("b")];
        await createPod(cluster, aPodOnNode(namespace, "two", { spec: { containers } }));
        const two = await log(http, namespace, "two");
        expect([two.code, two.json.message]).toEqual([
          400,
          "a container name must be specified for pod two, choose one of: [a b]",
        ]);
        const initContainers = [container("i")];
        await createPod(cluster, aPodOnNode(namespace, "init", { spec: { containers, initContainers } }));
        expect((await log(http, namespace, "init")).json.message).toBe(
          "a container name must be specified for pod init, choose one of: [i a b]",
        );
        const other = await log(http, namespace, "two", "?container=c");
        expect([other.code, other.json.message]).toEqual([400, "container c is not valid for pod two"]);
      },
    },
    {
      promise: "what is asked of a log must make sense",
      async run({ http, namespace, cluster }) {
        await createPod(cluster, aPodOnNode(namespace, "a"));
        const wrong = {
          "tailLines=-1": "tailLines: Invalid value: -1: must be greater than or equal to 0",
          "limitBytes=0": "limitBytes: Invalid value: 0: must be greater than 0",
          "sinceSeconds=0": "sinceSeconds: Invalid value: 0: must be greater than 0",
          "sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z":
            "[]: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified",
        };
        for (const [query, problem] of Object.entries(wrong)) {
          const { code, json } = await log(http, namespace, "a", `?${query}`);
          expect([query, code, json.message]).toEqual([query, 422, `PodLogOptions "a" is invalid: ${problem}`]);
        }
      },
    },
    {
      promise: "a namespace has neither quotas nor limits, until somebody sets some",
      async run({ http, namespace }) {
        for (const plural of ["resourcequotas", "limitranges"]) {
          const { code, json } = await http.request("GET", `/api/v1/namespaces/${namespace}/${plural}`);
          expect([plural, code, json.items]).toEqual([plural, 200, []]);
        }
      },
    },
  ],
};

function log(http: HttpDoor, namespace: string, name: string, query = ""): Promise<HttpAnswer> {
  return http.request("GET", `/api/v1/namespaces/${namespace}/pods/${name}/log${query}`);
}
