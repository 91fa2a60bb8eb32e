import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  type V1Pod,
  Watch,
} from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startManager } from "../../src/cli/startManager.ts";
import { type Environment, systemClock } from "../../src/cluster/environment.ts";
import { MUTATING_WEBHOOKS, SIDECAR_SETS, VALIDATING_WEBHOOKS } from "../../src/cluster/resource.ts";
import { eventually } from "../contract/fixtures.ts";
import { embeddedKubectlDoor, type Kubectl, realKubectlDoor } from "./kubectlDoors.ts";

const NAMESPACE = "surface";
const environment: Environment = { clock: systemClock, random: Math.random, log: () => {} };

describe.each([
  ["a real cluster", realKubectlDoor],
  ["the embedded cluster", embeddedKubectlDoor],
])("kubectl's surface on %s", (where, open) => {
  let kubectl: Kubectl;
  let folder: string;
  const run = (...args: readonly string[]): Promise<string> => kubectl.run("-n", NAMESPACE, ...args);
  const manifest = (object: object): string => {
    const path = join(folder, "manifest.json");
    writeFileSync(path, JSON.stringify(object));
    return path;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "kubectl-"));
    kubectl = await open(folder);
    expect(await kubectl.run("create", "namespace", NAMESPACE)).toBe(`namespace/${NAMESPACE} created`);
  });
  afterAll(async () => {
    await kubectl.run("delete", "namespace", NAMESPACE);
    await kubectl.close();
    rmSync(folder, { recursive: true, force: true });
  });

  describe("apply --server-side", () => {
    it("creates, is refused where somebody else changed the same, and takes it when forced", async () => {
      const applied = "deployment.apps/applied serverside-applied";
      expect(await run("apply", "--server-side", "-f", manifest(deployment("applied", 1)))).toBe(applied);
      expect(await run("set", "image", "deployment/applied", "app=app:2")).toBe(
        "deployment.apps/applied image updated",
      );
      expect(await run("apply", "--server-side", "-f", manifest(deployment("applied", 1)))).toContain(
        'error: Apply failed with 1 conflict: conflict with "kubectl-set" using apps/v1: .spec.template.spec.containers[name="app"].image',
      );
      const forced = await run("apply", "--server-side", "--force-conflicts", "-f", manifest(deployment("applied", 1)));
      expect(forced).toBe(applied);
      const image = "jsonpath={.spec.template.spec.containers[0].image}";
      expect(await run("get", "deployment", "applied", "-o", image)).toBe("app:1");
      const owners = "jsonpath={.metadata.managedFields[*].manager}";
      const after = await run("get", "deployment", "applied", "-o", owners, "--show-managed-fields");
      expect(after.split(" ").filter((manager) => manager.startsWith("kubectl"))).toEqual(["kubectl"]);
    });

    it("takes over what was applied from the client's side", async () => {
      expect(await run("apply", "-f", manifest(deployment("moved", 1)))).toBe("deployment.apps/moved created");
      expect(await run("apply", "--server-side", "-f", manifest(deployment("moved", 2)))).toBe(
        "deployment.apps/moved serverside-applied",
      );
      const owners = "jsonpath={.metadata.managedFields[*].manager}";
      const after = (await run("get", "deployment", "moved", "-o", owners, "--show-managed-fields")).split(" ");
      expect(after).toContain("kubectl");
      expect(after).not.toContain("kubectl-client-side-apply");
    });
  });

  it("apply refuses a field that is none, and says where it is", async () => {
    const slip = { ...deployment("slip", 1), spec: { ...deployment("slip", 1).spec, replcas: 2 } };
    expect(await run("apply", "-f", manifest(slip))).toBe(
      'Error from server (BadRequest): error when creating "MANIFEST": Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.replcas"',
    );
  });

  it("edit opens what is there and stores what comes back", async () => {
    expect(await run("apply", "-f", manifest(deployment("edited", 1)))).toBe("deployment.apps/edited created");
    const edit = (editor: string) => kubectl.edit(editor, "-n", NAMESPACE, "edit", "deployment", "edited");
    expect(await edit("true")).toBe("Edit cancelled, no changes made.");
    expect(await edit("sed -i s/app:1/app:7/")).toBe("deployment.apps/edited edited");
    expect(await run("get", "deployment", "edited", "-o", "jsonpath={.spec.template.spec.containers[0].image}")).toBe(
      "app:7",
    );
  });

  it("explain knows the fields of our kind and of the built-in ones", async () => {
    const spec = await run("explain", "sidecarset.spec");
    expect(spec).toMatch(/GROUP: +apps\.kruise\.io\nKIND: +SidecarSet\nVERSION: +v1beta1/);
    expect(spec).toContain("updateStrategy <Object>");
    expect(await run("explain", "deployment.spec.strategy")).toMatch(
      /rollingUpdate <RollingUpdateDeployment>[\s\S]*type <string>/,
    );
    expect(await run("explain", "pod.spec.containers.ports.containerPort")).toContain("FIELD: containerPort <integer>");
    expect(await run("explain", "pod.spec.nonsense")).toContain('error: field "nonsense" does not exist');
  });

  it("auth can-i answers for one thing and for all", async () => {
    expect(await run("auth", "can-i", "delete", "pods")).toBe("yes");
    expect(await run("auth", "can-i", "--list")).toMatch(/\*\.\* \[\] \[\] \[\*\]/);
  });

  it("describe lists what happened, and so does get events", async () => {
    expect(await run("create", "deployment", "told", "--image=app:1")).toBe("deployment.apps/told created");
    expect(await run("rollout", "status", "deployment/told")).toContain("successfully rolled out");
    await eventually(async () =>
      expect(await run("describe", "deployment", "told")).toMatch(
        /Events:[\s\S]*Normal ScalingReplicaSet AGE deployment-controller Scaled up replica set told-\w+ from 0 to 1/,
      ),
    );
    const pod = await run("describe", "pod", "-l", "app=told");
    expect(pod).toMatch(/Normal Scheduled \S+ default-scheduler Successfully assigned surface\/told-\S+ to zone-/);
    const field = "--field-selector=involvedObject.kind=ReplicaSet,reason=SuccessfulCreate";
    expect(await run("get", "events", field)).toMatch(
      /Normal SuccessfulCreate replicaset\/told-\w+ Created pod: told-/,
    );
    expect(await run("describe", "namespace", NAMESPACE)).toContain("No resource quota.");
  });

  it("rollout restart, history and undo go by the revisions of a Deployment", async () => {
    expect(await run("create", "deployment", "turned", "--image=app:1")).toBe("deployment.apps/turned created");
    expect(await run("rollout", "status", "deployment/turned")).toContain("successfully rolled out");
    expect(await run("set", "image", "deployment/turned", "*=app:2")).toBe("deployment.apps/turned image updated");
    expect(await run("rollout", "status", "deployment/turned")).toContain("successfully rolled out");
    expect(await run("rollout", "history", "deployment/turned")).toBe(
      ["deployment.apps/turned", "REVISION CHANGE-CAUSE", "1 <none>", "2 <none>"].join("\n"),
    );
    expect(await run("rollout", "undo", "deployment/turned")).toBe("deployment.apps/turned rolled back");
    expect(await run("rollout", "status", "deployment/turned")).toContain("successfully rolled out");
    const image = "jsonpath={.spec.template.spec.containers[0].image}";
    expect(await run("get", "deployment", "turned", "-o", image)).toBe("app:1");
    expect(await run("rollout", "restart", "deployment/turned")).toBe("deployment.apps/turned restarted");
    expect(await run("rollout", "status", "deployment/turned")).toContain("successfully rolled out");
    expect(await run("rollout", "history", "deployment/turned")).toMatch(/\n2 <none>\n3 <none>\n4 <none>$/);
  });

  it("wait sees a value, and the end", async () => {
    expect(await run("create", "deployment", "short", "--image=app:1")).toBe("deployment.apps/short created");
    const ready = "--for=jsonpath={.status.readyReplicas}=1";
    expect(await run("wait", "deployment/short", ready)).toBe("deployment.apps/short condition met");
    expect(await run("delete", "deployment", "short", "--wait=false")).toMatch(/^deployment.apps "short" deleted/);
    expect(await run("wait", "pod", "-l", "app=short", "--for=delete", "--timeout=60s")).not.toContain("error");
  });

  it("a StatefulSet is rolled, undone and scaled", async () => {
    expect(await run("apply", "-f", manifest(podSet("StatefulSet", { replicas: 2, serviceName: "db" })))).toBe(
      "statefulset.apps/statefulset created",
    );
    expect(await run("rollout", "status", "sts/statefulset")).toContain("2 new pods have been updated");
    expect(await run("get", "sts", "statefulset", "-o", "wide")).toBe(
      ["NAME READY AGE CONTAINERS IMAGES", "statefulset 2/2 AGE app app:1"].join("\n"),
    );
    const pods = await run("get", "pods", "-l", "app=statefulset", "-o", "name");
    expect(pods).toBe("pod/statefulset-0\npod/statefulset-1");
    expect(await run("set", "image", "sts/statefulset", "app=app:2")).toBe(
      "statefulset.apps/statefulset image updated",
    );
    expect(await run("rollout", "status", "sts/statefulset")).toContain("2 new pods have been updated");
    expect(await run("rollout", "history", "sts/statefulset")).toMatch(/\n1 <none>\n2 <none>$/);
    expect(await run("rollout", "undo", "sts/statefulset")).toContain("statefulset.apps/statefulset rolled back");
    expect(await run("rollout", "status", "sts/statefulset")).toContain("2 new pods have been updated");
    expect(await run("scale", "sts/statefulset", "--replicas=1")).toBe("statefulset.apps/statefulset scaled");
    await eventually(async () =>
      expect(await run("get", "pods", "-l", "app=statefulset", "-o", "name")).toBe("pod/statefulset-0"),
    );
    expect(await run("describe", "sts", "statefulset")).toContain(
      "Create Pod statefulset-0 in StatefulSet statefulset successful",
    );
  }, 120_000);

  it("a DaemonSet runs on every node it may, and is rolled", async () => {
    const spec = { template: template("daemonset", { nodeSelector: { "topology.kubernetes.io/zone": "zone-b" } }) };
    expect(await run("apply", "-f", manifest(podSet("DaemonSet", spec)))).toBe("daemonset.apps/daemonset created");
    expect(await run("rollout", "status", "ds/daemonset")).toContain('daemon set "daemonset" successfully rolled out');
    expect(await run("get", "ds", "daemonset")).toBe(
      [
        "NAME DESIRED CURRENT READY UP-TO-DATE AVAILABLE NODE SELECTOR AGE",
        "daemonset 4 4 4 4 4 topology.kubernetes.io/zone=zone-b AGE",
      ].join("\n"),
    );
    expect(await run("rollout", "restart", "ds/daemonset")).toBe("daemonset.apps/daemonset restarted");
    expect(await run("rollout", "status", "ds/daemonset")).toContain('daemon set "daemonset" successfully rolled out');
    expect(await run("rollout", "history", "ds/daemonset")).toMatch(/\n1 <none>\n2 <none>$/);
  }, 120_000);

  it("a Job comes to its end", async () => {
    expect(await run("create", "job", "once", "--image=app:1")).toBe("job.batch/once created");
    expect(await run("wait", "job/once", "--for=condition=Complete", "--timeout=60s")).toBe(
      "job.batch/once condition met",
    );
    expect(await run("get", "job", "once")).toMatch(
      /^NAME STATUS COMPLETIONS DURATION AGE\nonce Complete 1\/1 AGE AGE$/,
    );
    expect(await run("get", "pods", "-l", "job-name=once")).toMatch(/\nonce-\w+ 0\/1 Completed 0 AGE$/);
    expect(await run("delete", "job", "once")).toMatch(/^job.batch "once" deleted/);
    await eventually(async () =>
      expect(await run("get", "pods", "-l", "job-name=once")).toBe("No resources found in surface namespace."),
    );
  }, 120_000);

  it("pods of every kind are injected, and upgraded in place", async () => {
    const { cluster } = kubectl;
    const inside = (...args: readonly string[]): Promise<string> => kubectl.run("-n", "inside", ...args);
    // Pods of the namespace that the manager runs in are left alone.
    expect(await kubectl.run("create", "namespace", "inside")).toBe("namespace/inside created");
    const stop = new AbortController();
    const manager = await startManager({
      cluster,
      environment,
      systemNamespace: NAMESPACE,
      listen: { host: "127.0.0.1", port: 0 },
      address: "listen",
      signal: stop.signal,
    });
    try {
      expect(await inside("apply", "-f", manifest(sidecarSet()))).toBe("sidecarset.apps.kruise.io/surface created");
      await eventually(async () => {
        const labels = "--labels=sidecars=yes";
        const pod = await inside("run", "probe", "--image=app:1", labels, "--dry-run=server", "-o", "yaml");
        expect(pod).toContain("logtail");
      });
      const kinds = ["StatefulSet", "DaemonSet", ...(where === "a real cluster" ? [] : ["CloneSet"])];
      for (const kind of kinds) {
        const more = kind === "DaemonSet" ? {} : { replicas: 1 };
        const spec = { ...more, ...labelled(`inside-${kind.toLowerCase()}`) };
        expect(await inside("apply", "-f", manifest(podSet(kind, spec, `inside-${kind.toLowerCase()}`)))).toContain(
          " created",
        );
      }
      for (const workload of ["statefulset/inside-statefulset", "daemonset/inside-daemonset"])
        expect(await inside("rollout", "status", workload)).toMatch(/successfully rolled out|have been updated/);
      const perKind = kinds.map((kind) => (kind === "DaemonSet" ? 12 : 1));
      const all = perKind.reduce((sum, count) => sum + count, 0);
      const readyWith = (image: string) => async () => {
        const column =
          "jsonpath={range .items[*]}{.status.containerStatuses[?(@.name=='logtail')].image} {.status.containerStatuses[?(@.name=='logtail')].ready}{'\\n'}{end}";
        const lines = (await inside("get", "pods", "-l", "sidecars=yes", "-o", column)).split("\n");
        expect(lines.filter((line) => line.endsWith(`${image} true`))).toHaveLength(all);
      };
      await eventually(readyWith("logtail:1"));
      const image = '[{"op":"replace","path":"/spec/containers/0/image","value":"logtail:2"}]';
      expect(await inside("patch", "scs", "surface", "--type=json", "-p", image)).toMatch(/ patched$/);
      await eventually(readyWith("logtail:2"));
      const restarts = "jsonpath={.items[*].status.containerStatuses[?(@.name=='app')].restartCount}";
      expect(new Set((await inside("get", "pods", "-l", "sidecars=yes", "-o", restarts)).split(" "))).toEqual(
        new Set(["0"]),
      );
    } finally {
      await kubectl.run("delete", "namespace", "inside", "--wait=false");
      await cluster.delete(SIDECAR_SETS, { name: "surface" });
      await cluster.delete(MUTATING_WEBHOOKS, { name: "sidecarset-mutating" });
      await cluster.delete(VALIDATING_WEBHOOKS, { name: "sidecarset-validating" });
      stop.abort();
      await manager.close();
    }
  }, 120_000);

  it("the JavaScript client lists, watches and patches", async () => {
    const config = new KubeConfig();
    config.loadFromFile(kubectl.kubeconfig);
    const core = config.makeApiClient(CoreV1Api);
    const apps = config.makeApiClient(AppsV1Api);
    const seen: string[] = [];
    const watching = await new Watch(config).watch(
      `/api/v1/namespaces/${NAMESPACE}/pods`,
      { labelSelector: "app=client" },
      (type, pod: V1Pod) => seen.push(`${type} ${pod.metadata?.labels?.app}`),
      () => {},
    );
    try {
      await apps.createNamespacedDeployment({ namespace: NAMESPACE, body: deployment("client", 1) as never });
      await eventually(async () => expect(seen).toContain("ADDED client"));
      const { items } = await core.listNamespacedPod({ namespace: NAMESPACE, labelSelector: "app=client" });
      expect(items).toHaveLength(1);
      const body = {
        spec: { template: { spec: { containers: [{ name: "app", env: [{ name: "A", value: "1" }] }] } } },
      };
      const patched = await apps.patchNamespacedDeployment(
        { name: "client", namespace: NAMESPACE, body },
        setHeaderOptions("Content-Type", PatchStrategy.StrategicMergePatch),
      );
      expect(patched.spec?.template.spec?.containers).toMatchObject([
        { name: "app", image: "app:1", env: [{ name: "A" }] },
      ]);
    } finally {
      watching.abort();
    }
  });

  it.runIf(where === "the embedded cluster")("logs tell what the played containers did", async () => {
    expect(await run("run", "writer", "--image=writer:1", "--restart=Never")).toBe("pod/writer created");
    expect(await run("wait", "pod/writer", "--for=condition=Ready")).toBe("pod/writer condition met");
    expect(await run("logs", "writer")).toMatch(/^\S+Z writer started: image docker.io\/library\/writer:1, restart 0/);
    expect(await run("logs", "writer", "--previous")).toBe(
      'Error from server (BadRequest): previous terminated container "writer" in pod "writer" not found',
    );
    expect(await run("set", "image", "pod/writer", "writer=writer:2")).toBe("pod/writer image updated");
    await eventually(async () => expect(await run("logs", "writer")).toContain("writer:2, restart 1"));
    expect(await run("logs", "writer", "--previous")).toMatch(/restart 0[\s\S]*writer stopped$/);
    expect(await run("logs", "writer", "-f", "--tail=1", "--limit-bytes=10")).toHaveLength(10);
  });

  it.runIf(where === "the embedded cluster")("what it does not do it refuses by name", async () => {
    expect(await run("exec", "writer", "--", "ls")).toContain("the embedded API server does not implement pods/exec");
    expect(await run("create", "quota", "few", "--hard=pods=1")).toContain(
      "the embedded API server does not implement writing resourcequotas (v1)",
    );
    expect(await run("get", "--raw", "/apis/batch/v1/cronjobs")).toContain(
      "the embedded API server does not implement cronjobs.batch (v1)",
    );
  });
});

function template(name: string, spec: object = {}, labels: object = {}): object {
  return {
    metadata: { labels: { app: name, ...labels } },
    spec: { terminationGracePeriodSeconds: 1, containers: [{ name: "app", image: "app:1" }], ...spec },
  };
}

function labelled(name: string): object {
  return { template: template(name, {}, { sidecars: "yes" }) };
}

function deployment(name: string, replicas: number) {
  const selector = { matchLabels: { app: name } };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: { replicas, selector, template: template(name) },
  };
}

function podSet(kind: string, spec: object, name = kind.toLowerCase()): object {
  const apiVersion = kind === "CloneSet" ? "apps.kruise.io/v1alpha1" : "apps/v1";
  const selector = { matchLabels: { app: name } };
  return { apiVersion, kind, metadata: { name }, spec: { selector, template: template(name), ...spec } };
}

function sidecarSet(): object {
  return {
    apiVersion: "apps.kruise.io/v1beta1",
    kind: "SidecarSet",
    metadata: { name: "surface" },
    spec: {
      selector: { matchLabels: { sidecars: "yes" } },
      updateStrategy: { maxUnavailable: "100%" },
      containers: [{ name: "logtail", image: "logtail:1" }],
    },
  };
}
