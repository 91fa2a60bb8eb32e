import { describe, expect, it } from "vitest";
import type { CheckedContainer } from "./container.ts";
import { type PodTemplate, podTemplateErrors } from "./podTemplate.ts";

const side = { name: "side", image: "side:1" };

function fieldsOf(template: Partial<Record<keyof PodTemplate, readonly object[]>>): readonly string[] {
  const complete = { containers: [side], initContainers: [], volumes: [], ...template } as PodTemplate;
  return podTemplateErrors(complete, "spec").map(({ field, type }) => `${field} ${type.replace("FieldValue", "")}`);
}

function ofContainer(fields: CheckedContainer, volumes: readonly object[] = []): readonly string[] {
  return fieldsOf({ containers: [{ ...side, ...fields }], volumes }).map((text) =>
    text.replace("spec.containers[0].", ""),
  );
}

function ofVolume(source: object): readonly string[] {
  return fieldsOf({ volumes: [{ name: "v", ...source }] }).map((text) => text.replace("spec.volumes[0].", ""));
}

const data = [{ name: "data", emptyDir: {} }];
const mount = { name: "data", mountPath: "/data" };

describe("a container of a pod template", () => {
  it("may have everything that the API server accepts", () => {
    const container: CheckedContainer = {
      imagePullPolicy: "Never",
      ports: [
        { name: "http", containerPort: 8080, protocol: "TCP" },
        { containerPort: 8081, hostPort: 8081 },
      ],
      env: [
        { name: "my.env-name", value: "" },
        { name: "1 of 2/three", value: "" },
        { name: "IP", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "status.podIP" } } },
        { name: "A", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.annotations['A.b/C']" } } },
        { name: "CPU", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } },
      ],
      envFrom: [{ prefix: "P_", secretRef: { name: "s" } }],
      resources: { limits: { cpu: "1", "a.b/c": 2 }, requests: { cpu: "500m", "a.b/c": 2 } },
      volumeMounts: [{ ...mount, subPath: "a/b" }],
      livenessProbe: { httpGet: { path: "/", port: "http", scheme: "HTTP" } },
      startupProbe: { tcpSocket: { port: 1 } },
      lifecycle: { preStop: { sleep: { seconds: 90 } }, postStart: { sleep: { seconds: 0 } } },
      securityContext: { runAsUser: 0, seccompProfile: { type: "RuntimeDefault" } },
      resizePolicy: [{ resourceName: "cpu", restartPolicy: "NotRequired" }],
    };
    expect(ofContainer(container, data)).toEqual([]);
  });

  it.each<[string, CheckedContainer, readonly string[]]>([
    ["no name", { name: "" }, ["name Required"]],
    ["a bad name", { name: "a.b" }, ["name Invalid"]],
    ["blanks around the image", { image: " a" }, ["image Invalid"]],
    ["an unknown pull policy", { imagePullPolicy: "Maybe" }, ["imagePullPolicy NotSupported"]],
    ["an unknown message policy", { terminationMessagePolicy: "x" }, ["terminationMessagePolicy NotSupported"]],
    ["a restart policy", { restartPolicy: "Always" }, ["restartPolicy Forbidden"]],
    ["a port out of range", { ports: [{ containerPort: 65536 }] }, ["ports[0].containerPort Invalid"]],
    ["an unknown protocol", { ports: [{ containerPort: 1, protocol: "X" }] }, ["ports[0].protocol NotSupported"]],
    ["a port name without letter", { ports: [{ containerPort: 1, name: "1" }] }, ["ports[0].name Invalid"]],
    ["a variable with a line break", { env: [{ name: "A\nB" }] }, ["env[0].name Invalid"]],
    ["a variable with an equals sign", { env: [{ name: "A=B" }] }, ["env[0].name Invalid"]],
    [
      "two sources of a variable",
      {
        env: [
          { name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k" }, configMapKeyRef: { name: "c", key: "k" } } },
        ],
      },
      ["env[0].valueFrom Invalid"],
    ],
    [
      "a field only volumes can show",
      { env: [{ name: "A", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.labels" } } }] },
      ["env[0].valueFrom.fieldRef.fieldPath NotSupported"],
    ],
    [
      "a resource that is not there",
      { env: [{ name: "A", valueFrom: { resourceFieldRef: { resource: "limits.gpu" } } }] },
      ["env[0].valueFrom.resourceFieldRef.resource NotSupported"],
    ],
    [
      "a bad key",
      { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "a b" } } }] },
      ["env[0].valueFrom.secretKeyRef.key Invalid"],
    ],
    ["an unknown resource", { resources: { limits: { gpu: 1 } } }, ["resources.limits[gpu] Invalid"]],
    ["a device without limit", { resources: { requests: { "a.b/c": 1 } } }, ["resources.requests Required"]],
    [
      "overcommitted devices",
      { resources: { limits: { "a.b/c": 2 }, requests: { "a.b/c": 1 } } },
      ["resources.requests Invalid"],
    ],
    ["a mount of no volume", { volumeMounts: [{ name: "x", mountPath: "/x" }] }, ["volumeMounts[0].name NotFound"]],
    ["an absolute subPath", { volumeMounts: [{ ...mount, subPath: "/a" }] }, ["volumeMounts[0].subPath Invalid"]],
    [
      "an unknown propagation",
      { volumeMounts: [{ ...mount, mountPropagation: "x" }] },
      ["volumeMounts[0].mountPropagation NotSupported"],
    ],
    ["a probe without handler", { livenessProbe: {} }, ["livenessProbe Required"]],
    ["a probe with an empty command", { readinessProbe: { exec: {} } }, ["readinessProbe.exec.command Required"]],
    [
      "an unknown scheme",
      { livenessProbe: { httpGet: { port: 1, scheme: "FTP" } } },
      ["livenessProbe.httpGet.scheme NotSupported"],
    ],
    ["a probe without port", { livenessProbe: { tcpSocket: {} } }, ["livenessProbe.tcpSocket.port Invalid"]],
    [
      "a grace period of a readiness probe",
      { readinessProbe: { exec: { command: ["x"] }, terminationGracePeriodSeconds: 1 } },
      ["readinessProbe.terminationGracePeriodSeconds Invalid"],
    ],
    [
      "a sleep of less than no time",
      { lifecycle: { preStop: { sleep: { seconds: -1 } } } },
      ["lifecycle.preStop.sleep.seconds Invalid"],
    ],
    [
      "two hooks in one",
      { lifecycle: { postStart: { exec: { command: ["x"] }, sleep: { seconds: 1 } } } },
      ["lifecycle.postStart.sleep Forbidden"],
    ],
    ["a negative user", { securityContext: { runAsUser: -1 } }, ["securityContext.runAsUser Invalid"]],
    [
      "privileges it may not have",
      { securityContext: { privileged: true, allowPrivilegeEscalation: false } },
      ["securityContext.allowPrivilegeEscalation Invalid"],
    ],
    [
      "a profile without name",
      { securityContext: { seccompProfile: { type: "Localhost" } } },
      ["securityContext.seccompProfile.localhostProfile Required"],
    ],
    [
      "an unknown resize policy",
      { resizePolicy: [{ resourceName: "disk", restartPolicy: "NotRequired" }] },
      ["resizePolicy[0].resourceName NotSupported"],
    ],
  ])("is refused with %s", (_, container, expected) => {
    expect(ofContainer(container, data)).toEqual(expected);
  });
});

describe("an init container of a pod template", () => {
  it("may be probed only as a native sidecar", () => {
    const probe = { livenessProbe: { tcpSocket: { port: 1 } } };
    const init = { name: "init", image: "init:1", ...probe };
    expect(fieldsOf({ initContainers: [init] })).toEqual(["spec.initContainers[0].livenessProbe Forbidden"]);
    expect(fieldsOf({ initContainers: [{ ...init, restartPolicy: "Always" }] })).toEqual([]);
    expect(fieldsOf({ initContainers: [{ ...init, restartPolicy: "Never" }] })).toContain(
      "spec.initContainers[0].restartPolicy NotSupported",
    );
  });

  it("shares the names with the containers", () => {
    expect(fieldsOf({ initContainers: [side] })).toEqual(["spec.initContainers[0].name Duplicate"]);
  });
});

describe("the containers of a pod template together", () => {
  it("may not take a port of the node twice", () => {
    const port = { containerPort: 1, hostPort: 80 };
    const other = { name: "other", image: "o:1" };
    expect(
      fieldsOf({
        containers: [
          { ...side, ports: [port] },
          { ...other, ports: [port] },
        ],
      }),
    ).toEqual(["spec.containers[1].ports[0].hostPort Duplicate"]);
    expect(
      fieldsOf({
        containers: [
          { ...side, ports: [port] },
          { ...other, ports: [{ ...port, protocol: "UDP" }] },
        ],
      }),
    ).toEqual([]);
  });
});

describe("a volume of a pod template", () => {
  it.each<[string, object, readonly string[]]>([
    ["a host path that steps back", { hostPath: { path: "/a/../b" } }, ["hostPath.path Invalid"]],
    ["an unknown host path type", { hostPath: { path: "/a", type: "x" } }, ["hostPath.type NotSupported"]],
    ["a mode out of range", { secret: { secretName: "s", defaultMode: 512 } }, ["secret.defaultMode Invalid"]],
    [
      "an item without key and path",
      { configMap: { name: "c", items: [{}] } },
      ["configMap.items[0].key Required", "configMap.items[0].path Required"],
    ],
    ["no claim", { persistentVolumeClaim: {} }, ["persistentVolumeClaim.claimName Required"]],
    ["a relative NFS path", { nfs: { server: "s", path: "a" } }, ["nfs.path Invalid"]],
    ["a file without source", { downwardAPI: { items: [{ path: "a" }] } }, ["downwardAPI.items[0] Required"]],
    [
      "resources of nobody",
      { downwardAPI: { items: [{ path: "a", resourceFieldRef: { resource: "limits.cpu" } }] } },
      ["downwardAPI.items[0].resourceFieldRef.containerName Required"],
    ],
    [
      "a short-lived token",
      { projected: { sources: [{ serviceAccountToken: { path: "t", expirationSeconds: 5 } }] } },
      ["projected.sources[0].serviceAccountToken.expirationSeconds Invalid"],
    ],
    ["an empty projection", { projected: { sources: [{}] } }, ["projected.sources[0] Required"]],
    ["two sources", { emptyDir: {}, hostPath: { path: "/a" } }, ["hostPath Forbidden"]],
  ])("is refused with %s", (_, source, expected) => {
    expect(ofVolume(source)).toEqual(expected);
  });

  it("has a name of its own", () => {
    expect(fieldsOf({ volumes: [...data, ...data, { emptyDir: {} }] })).toEqual([
      "spec.volumes[2].name Required",
      "spec.volumes[1].name Duplicate",
    ]);
  });
});
