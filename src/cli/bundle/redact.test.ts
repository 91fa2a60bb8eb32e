import { describe, expect, it } from "vitest";
import type { KubeObject, ObjectMeta } from "../../core/kube/object.ts";
import { redacted, redactedPod } from "./redact.ts";

function anObject(spec: object, metadata: ObjectMeta = {}): KubeObject {
  return { apiVersion: "v1", kind: "Any", metadata: { name: "any", ...metadata }, spec } as KubeObject;
}

describe("a redacted object", () => {
  it("keeps the names of variables and where they come from, not their values", () => {
    const env = [
      { name: "TOKEN", value: "s3cr3t" },
      { name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
    ];
    expect(redacted(anObject({ data: { spec: { containers: [{ name: "a", env }] } } })).spec).toEqual({
      data: { spec: { containers: [{ name: "a", env: [{ name: "TOKEN", value: "REDACTED" }, env[1]] }] } },
    });
  });

  it("keeps arguments, but not what follows the name of something secret", () => {
    const args = ["--config=/etc/a.conf", "--api-token=s3cr3t", "sh -c 'DB_PASSWORD=s3cr3t run'", "-v"];
    expect(JSON.stringify(redacted(anObject({ containers: [{ args }] })))).not.toContain("s3cr3t");
    expect(redacted(anObject({ containers: [{ args }] })).spec).toMatchObject({
      containers: [{ args: ["--config=/etc/a.conf", "--api-token=REDACTED", expect.any(String), "-v"] }],
    });
  });

  it("has no bundle of certificates, no copy of itself and no managed fields", () => {
    const annotations = {
      "kubectl.kubernetes.io/last-applied-configuration": "s3cr3t",
      "example.com/note": "s3cr3t",
      "kruise.io/sidecarset-hash": "abc",
      "sidecarset.kruise.io/override.log.env.TOKEN": "s3cr3t",
      "sidecarset.kruise.io/override.log.imageTag": "1.5",
    };
    const object = redacted(
      anObject({ clientConfig: { caBundle: "s3cr3t" } }, { annotations, managedFields: ["s3cr3t"] }),
    );
    expect(JSON.stringify(object)).not.toContain("s3cr3t");
    expect(object).toMatchObject({
      metadata: {
        annotations: {
          "example.com/note": "REDACTED",
          "kruise.io/sidecarset-hash": "abc",
          "sidecarset.kruise.io/override.log.imageTag": "1.5",
        },
      },
    });
  });

  it("of a pod is its metadata, its status, and which images run where", () => {
    const container = { name: "web", image: "web:1", env: [{ name: "A", value: "s3cr3t" }], args: ["s3cr3t"] };
    const pod = {
      ...anObject({ nodeName: "n1", containers: [container], volumes: ["s3cr3t"] }),
      status: { phase: "Running" },
    };
    expect(redactedPod(pod)).toEqual({
      apiVersion: "v1",
      kind: "Any",
      metadata: { name: "any" },
      spec: { nodeName: "n1", initContainers: [], containers: [{ name: "web", image: "web:1" }] },
      status: { phase: "Running" },
    });
  });
});
