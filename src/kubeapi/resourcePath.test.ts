import { describe, expect, it } from "vitest";
import { NODES, PODS, SIDECAR_SETS } from "../cluster/resource.ts";
import { resourcePath } from "./resourcePath.ts";

describe("resource path", () => {
  it.each([
    ["all namespaces", resourcePath(PODS, {}), "/api/v1/pods"],
    ["one namespace", resourcePath(PODS, { namespace: "ns-1" }), "/api/v1/namespaces/ns-1/pods"],
    ["cluster-scoped", resourcePath(NODES, { namespace: "ignored", name: "node-1" }), "/api/v1/nodes/node-1"],
    [
      "a group and a subresource",
      resourcePath(SIDECAR_SETS, { name: "logtail", subresource: "status" }),
      "/apis/apps.kruise.io/v1beta1/sidecarsets/logtail/status",
    ],
    [
      "a query, without what was left out",
      resourcePath(PODS, {}, { labelSelector: "app in (a,b)", limit: 500, continue: undefined, watch: true }),
      "/api/v1/pods?labelSelector=app+in+%28a%2Cb%29&limit=500&watch=true",
    ],
  ])("%s", (_case, path, expected) => {
    expect(path).toBe(expected);
  });
});
