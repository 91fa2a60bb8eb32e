import { describe, expect, it } from "vitest";
import { aNewPod, anInjection } from "../../../test/anInjection.ts";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import { revisionOf } from "../sidecarSet/revision.ts";

const ALL = ["imageTag", "resources", "env:LEVEL"];

/** The sidecar `logtail` in a pod that says so much about it, and what its creator is told. */
function overridden(overrides: Readonly<Record<string, string>>, sidecar: object = {}) {
  const annotations = Object.fromEntries(
    Object.entries(overrides).map(([what, value]) => [`sidecarset.kruise.io/override.${what}`, value]),
  );
  const containers = [{ name: "logtail", image: "registry:5000/logtail:2", podOverrides: ALL, ...sidecar }];
  const pod = aNewPod({}, { annotations });
  const { after, warnings } = anInjection({ pod, sidecarSets: [aSidecarSet({ containers })] });
  return { after, warnings, containers: after.spec.containers, sidecar: after.spec.containers[0]! };
}

describe("an image tag", () => {
  it.each([
    ["registry:5000/logtail:2", "registry:5000/logtail:3"],
    ["logtail", "logtail:3"],
    [`logtail:2@sha256:${"a".repeat(64)}`, "logtail:3"],
    [`logtail@sha256:${"a".repeat(64)}`, "logtail:3"],
  ])("takes the place of tag and digest: %s becomes %s", (image, expected) => {
    const { sidecar, warnings } = overridden({ "logtail.imageTag": "3" }, { image });
    expect([sidecar.image, warnings]).toEqual([expected, []]);
  });

  it("is for the half of a hot-upgrade pair that works", () => {
    const upgradeStrategy = { upgradeType: "HotUpgrade", hotUpgradeEmptyImage: "empty:1" };
    const { containers } = overridden({ "logtail.imageTag": "3" }, { image: "logtail:2", upgradeStrategy });
    expect(containers.map(({ image }) => image)).toEqual(["logtail:3", "empty:1", "app:1"]);
  });

  it("leaves the pod's records as they are without it", () => {
    const hashes = (overrides: Readonly<Record<string, string>>) =>
      overridden(overrides).after.metadata.annotations?.["kruise.io/sidecarset-hash"];
    expect(hashes({ "logtail.imageTag": "3" })).toBe(hashes({}));
  });
});

describe("resources", () => {
  it("are laid over those of the sidecar, one by one", () => {
    const resources = { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "100m" }, claims: [{ name: "gpu" }] };
    const value = '{"limits":{"memory":"2Gi"},"requests":{"memory":"1Gi"}}';
    expect(overridden({ "logtail.resources": value }, { resources }).sidecar.resources).toEqual({
      limits: { cpu: "1", memory: "2Gi" },
      requests: { cpu: "100m", memory: "1Gi" },
      claims: [{ name: "gpu" }],
    });
  });

  it("win over what a resourcesPolicy computes", () => {
    const resourcesPolicy = { targetContainersMode: "sum", resourcesExpr: { requests: { cpu: "10m", memory: "1Mi" } } };
    const { sidecar } = overridden({ "logtail.resources": '{"requests":{"cpu":"1"}}' }, { resourcesPolicy });
    expect(sidecar.resources).toEqual({ requests: { cpu: "1", memory: "1Mi" } });
  });
});

describe("a variable", () => {
  it("takes the place of the sidecar's own one, of whatever kind", () => {
    const env = [
      { name: "LEVEL", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "LAST", value: "1" },
      { name: "LEVEL", value: "again" },
    ];
    expect(overridden({ "logtail.env.LEVEL": "debug" }, { env }).sidecar.env).toEqual([
      { name: "LEVEL", value: "debug" },
      { name: "LAST", value: "1" },
      { name: "IS_INJECTED", value: "true" },
    ]);
  });

  it("is added where there is none, and wins over one that is taken over from the app", () => {
    const pod = aNewPod(
      { containers: [{ name: "app", env: [{ name: "LEVEL", value: "info" }] }] },
      { annotations: { "sidecarset.kruise.io/override.logtail.env.LEVEL": "debug" } },
    );
    const transferEnv = [{ sourceContainerName: "app", envName: "LEVEL" }];
    const containers = [{ name: "logtail", image: "logtail:2", podOverrides: ALL, transferEnv }];
    const { after } = anInjection({ pod, sidecarSets: [aSidecarSet({ containers })] });
    expect(after.spec.containers[0]?.env).toEqual([
      { name: "LEVEL", value: "debug" },
      { name: "IS_INJECTED", value: "true" },
    ]);
  });
});

describe("an override that cannot be followed costs nobody a pod", () => {
  it.each([
    ["logtail.imageTag", "a tag!", "a tag for the image registry:5000/logtail:2 is expected"],
    ["logtail.imageTag", "3@sha256:0", "a tag for the image registry:5000/logtail:2 is expected"],
    ["logtail.resources", "much", 'JSON with limits and requests is expected, such as {"limits":{"cpu":"1"}}'],
    ["logtail.resources", '{"claims":[]}', "only limits and requests can be overridden, not claims"],
    ["logtail.resources", '{"limits":[]}', "limits must be a map of resources to amounts"],
    ["logtail.resources", '{"limits":{"cpu":"many"}}', 'limits.cpu: "many" is no amount such as 500m or 64Mi'],
    ["logtail.resources", '{"limits":{"cpu":"-1"}}', 'limits.cpu: "-1" is negative'],
    ["logtail.resources", '{"limits":{"x.io/gpu":"1"}}', "limits.x.io/gpu: only cpu, memory, ephemeral-storage"],
    [
      "logtail.resources",
      '{"limits":{"cpu":"50m"}}',
      "requests.cpu would be 100m, more than limits.cpu, 50m; override both",
    ],
    [
      "logtail.env.OTHER",
      "x",
      "the SidecarSet lets pods override only imageTag, resources, env:LEVEL of container logtail",
    ],
    [
      "logtail.image",
      "x",
      "the SidecarSet lets pods override only imageTag, resources, env:LEVEL of container logtail",
    ],
    ["logtial.imageTag", "3", "the pod gets no sidecar logtial, only logtail"],
  ])("%s: %s", (what, value, why) => {
    const { sidecar, warnings } = overridden({ [what]: value }, { resources: { requests: { cpu: "100m" } } });
    expect(sidecar).toEqual(overridden({}, { resources: { requests: { cpu: "100m" } } }).sidecar);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(
      `annotation sidecarset.kruise.io/override.${what}: ${JSON.stringify(value)} is ignored: ${why}`,
    );
  });

  it("where the SidecarSet lets pods override nothing", () => {
    const { sidecar, warnings } = overridden({ "logtail.imageTag": "3" }, { podOverrides: undefined });
    expect(sidecar.image).toBe("registry:5000/logtail:2");
    expect(warnings).toEqual([
      'SidecarSet logging: annotation sidecarset.kruise.io/override.logtail.imageTag: "3" is ignored: the SidecarSet lets pods override nothing of container logtail',
    ]);
  });

  it("and does not bore with long values", () => {
    const { warnings } = overridden({ "logtail.imageTag": "x".repeat(5000) });
    expect(warnings[0]?.length).toBeLessThan(300);
  });
});

it("an older revision follows what the live SidecarSet lets pods override", () => {
  const container = { name: "logtail", image: "logtail:1" };
  const revision = revisionOf(aSidecarSet({ containers: [container] }), { revision: 1, collisionCount: 0 });
  const set = aSidecarSet({
    containers: [{ ...container, image: "logtail:2", podOverrides: ALL }],
    injectionStrategy: { revision: { revisionName: revision.metadata.name } },
  });
  const pod = aNewPod({}, { annotations: { "sidecarset.kruise.io/override.logtail.env.LEVEL": "debug" } });
  const { after } = anInjection({ pod, sidecarSets: [set], revisions: [revision] });
  expect(after.spec.containers[0]).toMatchObject({ image: "logtail:1", env: [{ name: "LEVEL", value: "debug" }, {}] });
});

it("overriding does not change a second time what it has changed", () => {
  const containers = [{ name: "logtail", image: "logtail:2", podOverrides: ALL }];
  const pod = aNewPod({}, { annotations: { "sidecarset.kruise.io/override.logtail.imageTag": "3" } });
  const sidecarSets = [aSidecarSet({ containers })];
  const { after } = anInjection({ pod, sidecarSets });
  expect(anInjection({ pod: after, sidecarSets }).patch).toEqual([]);
});
