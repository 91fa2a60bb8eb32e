import { describe, expect, it } from "vitest";
import { aNewPod, anInjection } from "../../../test/anInjection.ts";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import type { EnvVar } from "../kube/pod.ts";

/** The sidecar `logtail` beside an app with these variables, taking over some of them. */
function takingOver(env: readonly EnvVar[], envNames: readonly string[], sidecar: object = {}, app: object = {}) {
  const transferEnv = [{ sourceContainerName: "app", envNames }];
  const containers = [{ name: "logtail", image: "logtail:2", transferEnv, ...sidecar }];
  const pod = aNewPod({ containers: [{ name: "app", image: "app:1", env, ...app }] });
  const { after, warnings } = anInjection({ pod, sidecarSets: [aSidecarSet({ containers })] });
  return { env: after.spec.containers[0]?.env?.slice(1), warnings };
}

describe("a variable that is taken over", () => {
  it("keeps telling the resources of the container it is from", () => {
    const limit = (containerName?: string) => ({
      name: "LIMIT",
      valueFrom: { resourceFieldRef: { resource: "limits.cpu", ...(containerName && { containerName }) } },
    });
    expect(takingOver([limit()], ["LIMIT"]).env).toEqual([limit("app")]);
    expect(takingOver([limit("other")], ["LIMIT"]).env).toEqual([limit("other")]);
  });

  it("also where a shared subPathExpr needs it", () => {
    const env = [{ name: "LIMIT", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "0" } } }];
    const volumeMounts = [{ name: "logs", mountPath: "/logs", subPathExpr: "$(LIMIT)" }];
    const taken = takingOver(env, [], { shareVolumePolicy: { type: "enabled" } }, { volumeMounts });
    expect(taken.env).toMatchObject([{ valueFrom: { resourceFieldRef: { containerName: "app", divisor: "0" } } }]);
    expect(taken.warnings).toEqual([]);
  });

  it("tells the creator of the pod when it refers to what the sidecar lacks, and stays as it is", () => {
    const env = [
      { name: "HOST", value: "db" },
      { name: "URL", value: "http://$(HOST)/$(PATH)" },
    ];
    const { env: taken, warnings } = takingOver(env, ["URL"]);
    expect(taken).toEqual([env[1]]);
    const lost = (name: string) =>
      `SidecarSet logging: variable URL, which sidecar logtail takes over from container app, refers to $(${name}), which the sidecar does not have: the text stays as it is`;
    expect(warnings).toEqual([lost("HOST"), lost("PATH")]);
  });

  it("tells when the order of names puts it in front of what it refers to", () => {
    const env = [
      { name: "Z", value: "db" },
      { name: "A", value: "$(Z)" },
    ];
    expect(takingOver(env, ["Z", "A"]).warnings).toEqual([
      expect.stringContaining("$(Z), which the sidecar has only behind it"),
    ]);
  });

  it.each([
    ["the sidecar has it too", "$(HOST)", { env: [{ name: "HOST", value: "x" }] }],
    ["the sidecar may have it from a ConfigMap", "$(HOST)", { envFrom: [{ configMapRef: { name: "c" } }] }],
    ["a doubled dollar makes it literal", "$$(HOST)", {}],
    ["it is the address of a service", "$(DB_SERVICE_HOST):$(DB_SERVICE_PORT)", {}],
  ])("tells nothing when %s", (_, value, sidecar) => {
    expect(takingOver([{ name: "URL", value }], ["URL"], sidecar).warnings).toEqual([]);
  });
});

describe("a shared mount with a subPathExpr", () => {
  const volumeMounts = [{ name: "logs", mountPath: "/logs", subPathExpr: "$(POD)/x" }];
  const share = { shareVolumePolicy: { type: "enabled" } };
  const shared = (value: string, sidecar: object = {}) => {
    const env = [{ name: "POD", value: "mine" }];
    return takingOver(env, [], { ...share, env: [{ name: "POD", value }], ...sidecar }, { volumeMounts }).warnings;
  };

  it("tells the creator of the pod when a variable of the sidecar makes it another directory", () => {
    expect(shared("other")).toEqual([
      "SidecarSet logging: volume mount /logs, which sidecar logtail shares with container app, is another directory there: its subPathExpr refers to $(POD), which the sidecar has with another value",
    ]);
  });

  it("tells nothing when the value is the same, or the sidecar mounts something else there", () => {
    expect(shared("mine")).toEqual([]);
    expect(shared("other", { volumeMounts: [{ name: "own", mountPath: "/logs" }] })).toEqual([]);
  });
});

it("many variables are taken over in one go, and told about in a few lines", () => {
  const env = Array.from({ length: 3000 }, (_, index) => ({ name: `V${index}`, value: `$(GONE${index})` }));
  const names = env.map(({ name }) => name);
  const { env: taken, warnings } = takingOver([...env, { name: "V7", value: "last" }], [...names, "none"]);
  expect(taken).toHaveLength(3000);
  expect(warnings).toHaveLength(6);
  expect(warnings.at(-1)).toMatch(/^SidecarSet logging: and [0-9]+ more variables refer to what is not there$/);
  expect(taken?.find(({ name }) => name === "V7")?.value).toBe("last");
});
