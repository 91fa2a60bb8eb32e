import { isDeepStrictEqual } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { SIDECAR_SETS } from "../../src/cluster/resource.ts";
import { isJsonObject, type Json, type JsonObject } from "../../src/core/kube/object.ts";
import { StoryCluster } from "../stories/storyCluster.ts";

/** With values in other spellings than the canonical ones, and most fields that have a default left out. */
const MANIFEST = {
  apiVersion: "apps.kruise.io/v1beta1",
  kind: "SidecarSet",
  metadata: { name: "logging", annotations: { "kubernetes.io/change-cause": "2.0" } },
  spec: {
    selector: { matchLabels: { app: "web" } },
    containers: [
      {
        name: "logtail",
        image: "logtail:1.0.0",
        ports: [{ containerPort: 8080 }],
        env: [{ name: "NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }],
        resources: { requests: { cpu: "0.50", memory: "1024Mi" }, limits: { cpu: 1 } },
        readinessProbe: { httpGet: { port: 8080 } },
        volumeMounts: [{ name: "logs", mountPath: "/logs" }],
      },
    ],
    volumes: [
      { name: "logs", emptyDir: {} },
      { name: "settings", configMap: { name: "settings" } },
    ],
    updateStrategy: { partition: "50%", maxUnavailable: "10%" },
  },
};
let story: StoryCluster | undefined;
afterEach(() => story?.stop());

describe("a tool that compares Git with the cluster finds nothing to do", () => {
  it("after admission, injection and a rollout", async () => {
    story = await StoryCluster.start();
    await story.cluster.create(SIDECAR_SETS, MANIFEST);
    await story.clock.advance(500);
    await story.createPods(4);
    await story.setImage("logtail:1.0.1");
    await story.quiet();
    expect(story.observer.withImage("logtail:1.0.1")).toHaveLength(2);
    const live = (await story.set()) as unknown as JsonObject;
    expect(drift({ lastApplied: MANIFEST, wanted: imageOf("logtail:1.0.1"), live })).toEqual({});
    expect(drift({ lastApplied: MANIFEST, wanted: MANIFEST, live })).toEqual({
      spec: { containers: MANIFEST.spec.containers },
    });
  });
});

describe("the comparison itself", () => {
  it("sees what somebody changed, added to a list, or left out", () => {
    const applied = { spec: { a: 1, list: [1], map: { x: 1 } } };
    const wanted = { spec: { a: 1, list: [1], map: {} } };
    const live = { spec: { a: 2, list: [1, 2], map: { x: 1, added: true } }, status: {} };
    expect(drift({ lastApplied: applied, wanted, live })).toEqual({ spec: { a: 1, list: [1], map: { x: null } } });
    expect(drift({ lastApplied: wanted, wanted, live: { ...applied, more: 1 } })).toEqual({});
  });
});

interface Comparison {
  readonly lastApplied: JsonObject;
  readonly wanted: JsonObject;
  readonly live: JsonObject;
}

/**
 * The three-way comparison that Argo CD and `kubectl apply` make for kinds without merge keys: what is wanted and is not so, and what was
 * applied, is wanted no more, and is still there. As the merge patch that would mend it; empty: nothing to do.
 */
function drift({ lastApplied, wanted, live }: Comparison): JsonObject {
  const gone = Object.keys(lastApplied).filter((key) => !(key in wanted) && key in live);
  const patch = new Map<string, Json>(gone.map((key) => [key, null]));
  for (const [key, value] of Object.entries(wanted)) {
    const there = live[key];
    if (isJsonObject(value) && isJsonObject(there)) {
      const before = lastApplied[key];
      const inside = drift({ lastApplied: isJsonObject(before) ? before : {}, wanted: value, live: there });
      if (Object.keys(inside).length > 0) patch.set(key, inside);
    } else if (!isDeepStrictEqual(value, there)) {
      patch.set(key, value as Json);
    }
  }
  return Object.fromEntries(patch);
}

function imageOf(image: string): JsonObject {
  const [container] = MANIFEST.spec.containers;
  return { ...MANIFEST, spec: { ...MANIFEST.spec, containers: [{ ...container, image }] } };
}
