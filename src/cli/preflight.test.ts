import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { systemClock } from "../cluster/environment.ts";
import { CUSTOM_RESOURCE_DEFINITIONS } from "../cluster/resource.ts";
import type { KubeObject } from "../core/kube/object.ts";
import { NO_WEBHOOKS } from "../simulator/admission/webhookCaller.ts";
import { ApiServer } from "../simulator/apiServer.ts";
import { inMemoryCluster } from "../simulator/inMemoryCluster.ts";
import { packageFile } from "./packageFile.ts";
import { excludedNamespaces, listenError, preflight } from "./preflight.ts";

function aCluster() {
  const environment = { clock: systemClock, random: () => 0.5, log: () => {} };
  return inMemoryCluster(new ApiServer({ environment, webhooks: NO_WEBHOOKS }));
}

describe("what the manager asks before it starts", () => {
  it("says how to install SidecarSets where the cluster does not serve them", async () => {
    await expect(preflight(aCluster(), "default")).rejects.toThrow("kubectl apply -f deploy/crd.yaml");
  });

  it("says how to create the namespace of the revisions", async () => {
    const cluster = aCluster();
    await cluster.create(CUSTOM_RESOURCE_DEFINITIONS, parse(packageFile("deploy/crd.yaml")) as KubeObject);
    await expect(preflight(cluster, "nowhere")).rejects.toThrow("kubectl create namespace nowhere");
    await preflight(cluster, "default");
  });
});

describe("namespaces that are never injected", () => {
  it("are a comma list; an empty one excludes none", () => {
    expect(excludedNamespaces("kube-system, build")).toEqual(["kube-system", "build"]);
    expect(excludedNamespaces("")).toEqual([]);
  });

  it("have the names of namespaces", () => {
    expect(() => excludedNamespaces("kube-system,Build")).toThrow('--excluded-namespaces "Build": lower-case letters');
  });
});

describe("a port that cannot be had", () => {
  const listen = { host: "127.0.0.1", port: 9443 };

  it("is named, with the flag that chooses another", () => {
    const inUse = Object.assign(new Error("listen EADDRINUSE"), { code: "EADDRINUSE", syscall: "listen" });
    expect(listenError(inUse, listen)).toMatchObject({
      message: "cannot listen on 127.0.0.1 port 9443: the port is in use; choose another one with --port",
    });
  });

  it("is told from every other failure", () => {
    const other = new Error("something else");
    expect(listenError(other, listen)).toBe(other);
  });
});
