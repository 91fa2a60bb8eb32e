import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { MANIFESTS, objectsOf } from "../../generate/install/installation.ts";
import { MANAGER_GRANTS } from "../../generate/install/rights.ts";
import { valuesOf } from "../../generate/install/values.ts";
import { readConfiguration } from "../../src/cli/run/configuration.ts";
import { flagOf, SETTINGS } from "../../src/cli/run/settings.ts";
import type { Json, JsonObject } from "../../src/core/kube/object.ts";

const ROOT = join(import.meta.dirname, "../..");

describe("what is installed", () => {
  it.each([
    ["as it comes", {}],
    ["with every setting changed", changed()],
  ])("starts the manager with flags that it takes, %s", (_how, values) => {
    const [command, ...args] = containersOf(objects(values))
      .find(({ name }) => name === "manager")!
      .args.map((arg) => arg.replace("$(POD_NAMESPACE)", "kruise-system"));
    expect(command).toBe("run");
    const flags = Object.fromEntries(args.map((arg) => arg.split(/=(.*)/s).slice(0, 2) as [string, string]));
    const known = Object.fromEntries(
      SETTINGS.flatMap(({ key }) => (flagOf(key) in flags ? [[key, flags[flagOf(key)]!]] : [])),
    );
    expect(Object.keys(known)).toHaveLength(args.length);
    expect(readConfiguration({ flags: known })).toMatchObject({ ok: true });
  });

  it("runs in pods that the pod security standard restricted admits", () => {
    for (const pod of podsOf(objects())) {
      const { securityContext, containers, hostNetwork } = pod as unknown as RestrictedPod;
      expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
      expect(hostNetwork).toBeUndefined();
      for (const container of containers)
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
    }
    expect(podsOf(objects())).toHaveLength(3);
  });

  it("gives the manager no right to Secrets outside of its namespace, and nowhere one to everything", () => {
    const everywhere = MANAGER_GRANTS.filter(({ scope }) => scope !== "system").flatMap(({ rules }) => rules);
    expect(everywhere.filter(({ resource }) => resource === "secrets")).toEqual([]);
    const all = MANAGER_GRANTS.flatMap(({ rules }) => rules);
    expect(all.filter(({ group, resource, verbs }) => [group, resource, ...Object.keys(verbs)].includes("*"))).toEqual(
      [],
    );
  });

  it("has each object once", () => {
    const names = objects().map(({ kind, metadata }) => `${String(kind)} ${JSON.stringify(metadata)}`);
    expect(new Set(names).size).toBe(names.length);
  });
});

it("values.yaml is the table of values", () => {
  const written = parse(readFileSync(join(ROOT, "deploy/chart/values.yaml"), "utf8")) as Json;
  expect(written).toEqual(valuesOf());
});

interface RestrictedPod {
  readonly securityContext: JsonObject;
  readonly hostNetwork?: boolean;
  readonly containers: readonly { readonly securityContext: JsonObject }[];
}

function changed(): JsonObject {
  return {
    webhook: {
      port: 8443,
      defaultFailurePolicy: "Ignore",
      excludedNamespaces: [],
      certificate: { mode: "provided", secretName: "tls" },
    },
    leaseDuration: 30,
    shutdownDelay: 10,
    log: { level: "debug", format: "text" },
    traces: { endpoint: "http://collector:4318/v1/traces" },
  };
}

function objects(values: JsonObject = {}): readonly JsonObject[] {
  return objectsOf(Object.keys(MANIFESTS), { namespace: "kruise-system", values });
}

function podsOf(all: readonly JsonObject[]): readonly JsonObject[] {
  return all.flatMap((object) => {
    const { kind, spec } = object as { readonly kind: string; readonly spec?: JsonObject };
    if (kind === "Pod") return [spec!];
    const template = spec?.template as { readonly spec: JsonObject } | undefined;
    return template === undefined ? [] : [template.spec];
  });
}

function containersOf(all: readonly JsonObject[]) {
  return podsOf(all).flatMap(({ containers }) => containers as unknown as { name: string; args: readonly string[] }[]);
}
