import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { JsonObject } from "../kube/object.ts";
import type { HashedLists } from "./hash.ts";
import { hashedText, sidecarSetHashes } from "./hash.ts";
import { parseSidecarSet } from "./parseSidecarSet.ts";

function hashed(spec: string) {
  const result = parseSidecarSet({ kind: "SidecarSet", metadata: { name: "h" }, spec: parse(spec) as JsonObject });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return { text: hashedText(result.value.spec as unknown as HashedLists), ...sidecarSetHashes(result.value) };
}

describe("the hashes of a SidecarSet", () => {
  it("cover the completed container", () => {
    expect(hashed('containers: [{name: log, image: "log:1"}]')).toEqual({
      text: '{"containers":[{"name":"log","image":"log:1","resources":{},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent","podInjectPolicy":"BeforeAppContainer","upgradeStrategy":{"upgradeType":"ColdUpgrade"},"shareVolumePolicy":{"type":"disabled"}}]}',
      hash: "f4z74444x5c84fw5v789f59d7fwbdd47dwvbw4bv9vwx4fxv24x4b488v4d54wc4",
      hashWithoutImage: "4424wfff8b57d47vb7684zc4bb5478vxwwdcz7dd2xdwbf4d4446424d4w29cwd5",
    });
  });

  it("write references, quantities and escapes as Go does", () => {
    const { text, hash, hashWithoutImage } = hashed(`
      containers:
      - name: shipper
        image: shipper
        args: ["a && b > /logs/x"]
        ports: [{containerPort: 9000}]
        env:
        - {name: LIMIT, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
        - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
        resources: {limits: {memory: 1024Mi, cpu: 1.5}, requests: {cpu: 0.1}}
        volumeMounts: [{name: d, mountPath: /d}]
        livenessProbe: {httpGet: {port: 9000}}
        securityContext: {}
        podInjectPolicy: AfterAppContainer
        shareVolumePolicy: {type: enabled}
        transferEnv: [{sourceContainerName: main, envName: REGION}]`);
    expect(text).toBe(
      String.raw`{"containers":[{"name":"shipper","image":"shipper","args":["a \u0026\u0026 b \u003e /logs/x"],"ports":[{"containerPort":9000,"protocol":"TCP"}],"env":[{"name":"LIMIT","valueFrom":{"resourceFieldRef":{"resource":"limits.cpu","divisor":"0"}}},{"name":"POD","valueFrom":{"fieldRef":{"apiVersion":"v1","fieldPath":"metadata.name"}}}],"resources":{"limits":{"cpu":"1500m","memory":"1Gi"},"requests":{"cpu":"100m"}},"volumeMounts":[{"name":"d","mountPath":"/d"}],"livenessProbe":{"httpGet":{"path":"/","port":9000,"scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"Always","securityContext":{},"podInjectPolicy":"AfterAppContainer","upgradeStrategy":{"upgradeType":"ColdUpgrade"},"shareVolumePolicy":{"type":"enabled"},"transferEnv":[{"sourceContainerName":"main","envName":"REGION"}]}]}`,
    );
    expect(hash).toBe("cf4wxb89v744929v7cd29c952bb74wc64fc8xd8f6d5wcw8cz5d4vvz26fz8bzx6");
    expect(hashWithoutImage).toBe("bb4c7b8444b8zx5bfcvcbb58vzfzcwb9464zdww5w6bdz8c4vc8w2vzd8bwcvxx7");
  });

  it("cover every init container as soon as one is a native sidecar", () => {
    const { text, hash, hashWithoutImage } = hashed(`
      initContainers:
      - {name: prep, image: "prep:2"}
      - {name: mesh, image: "mesh:3", restartPolicy: Always}`);
    expect(text).toMatch(/^\{"containers":null,"initContainers":\[\{"name":"prep",/);
    expect(text).toContain('"resources":{},"restartPolicy":"Always"');
    expect(hash).toBe("bwzzb8d45vdwcvv585dw8bxw8754dw24w2c5z455c99fv497wczfwd47b8759wc7");
    expect(hashWithoutImage).toBe("94vz85xwf9cffxd6w9xb2d44f4f45z4c2ffdd76v4xcf7xvb4x5z49cxxfdz7wx6");
  });

  it("tell no list of containers from an empty one, and ignore plain init containers", () => {
    const none = "x5vwx9w6vv4dv72c9w4c2f6v74fbwx545b45bbfz6z2dvf8w887xw86fvcb4cf48";
    expect(hashed("initContainers: [{name: prep, image: prep}]")).toEqual({
      text: '{"containers":null}',
      hash: none,
      hashWithoutImage: none,
    });
    expect(hashed("containers: []")).toMatchObject({
      text: '{"containers":[]}',
      hash: "5662x672v59974vdzvf4bdfwc4v526wx5w7884vx5c7fc2f246v484v5988xb9z7",
    });
  });

  it("cover SidecarSet's own fields, in their order", () => {
    const { text, hash, hashWithoutImage } = hashed(`
      containers:
      - name: mesh
        image: mesh:3
        upgradeStrategy: {upgradeType: HotUpgrade, hotUpgradeEmptyImage: "empty:1"}
        shareVolumeDevicePolicy: {type: enabled}
        resourcesPolicy: {targetContainersMode: sum, targetContainersNameRegex: ".*", resourcesExpr: {limits: {cpu: "max(cpu/4, 20m)"}}}`);
    expect(text).toMatch(
      /"podInjectPolicy":"BeforeAppContainer","upgradeStrategy":\{"upgradeType":"HotUpgrade","hotUpgradeEmptyImage":"empty:1"\},"shareVolumePolicy":\{"type":"disabled"\},"shareVolumeDevicePolicy":\{"type":"enabled"\},"resourcesPolicy":\{"targetContainersMode":"sum","targetContainersNameRegex":"\.\*","resourcesExpr":\{"limits":\{"cpu":"max\(cpu\/4, 20m\)"\}\}\}\}\]\}$/,
    );
    expect(hash).toBe("754b8x2zdz94542wf44bxdw5xd79dvb2cdw4zw5cxv68c647w948f7w8524d7df2");
    expect(hashWithoutImage).toBe("f45z28444c6xcz6874c87c7x4vvz87796z4c579z2z4f9b4xvd686v4bb8f476x4");
  });

  it("leave the startup probe and the grpc service without defaults", () => {
    const { text, hash } = hashed(`
      containers:
      - name: g
        image: g:1
        readinessProbe: {grpc: {port: 5000}}
        startupProbe: {exec: {command: ["true"]}}`);
    expect(text).toContain(
      '"readinessProbe":{"grpc":{"port":5000,"service":null},"timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3},"startupProbe":{"exec":{"command":["true"]}}',
    );
    expect(hash).toBe("w4vfb8566c7744cwvf2zxw98695x959zx7c246bw74d548w94v6z7wx6w9c26dw2");
  });

  it("do not move with what pods may override", () => {
    const plain = hashed('containers: [{name: log, image: "log:1"}]');
    expect(hashed('containers: [{name: log, image: "log:1", podOverrides: [imageTag]}]')).toEqual(plain);
  });

  it("do not move with fields that Kubernetes got later", () => {
    const plain = hashed('containers: [{name: log, image: "log:1"}]');
    expect(hashed('containers: [{name: log, image: "log:1", restartPolicyRules: [{action: Restart}]}]')).toEqual(plain);
  });
});
