import { SIDECAR_SETS } from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import { HASH_ANNOTATION, HASH_WITHOUT_IMAGE_ANNOTATION } from "../../src/core/sidecarSet/annotations.ts";
import type { KubeApi } from "../../src/kubeapi/connect.ts";
import { until } from "./until.ts";

/** What the webhook has written on a SidecarSet. */
export interface Hashes {
  readonly hash: string;
  readonly hashWithoutImage: string;
}

/**
 * Three SidecarSets for pods with the label `app`, of which one selects the value `web`. A manager has to run.
 * @returns the hashes of the one that selects
 */
export async function createSidecarSets(api: KubeApi): Promise<Hashes> {
  const [selecting] = await Promise.all(
    ["web", "other-1", "other-2"].map((app) =>
      until("a SidecarSet with hashes can be created", async () => {
        const { metadata } = await api.create(SIDECAR_SETS, sidecarSet(app), { dryRun: true });
        if (metadata.annotations?.[HASH_ANNOTATION] === undefined) throw new Error("the webhook was not asked");
        return api.create(SIDECAR_SETS, sidecarSet(app));
      }),
    ),
  );
  const annotations = selecting!.metadata.annotations ?? {};
  return { hash: annotations[HASH_ANNOTATION]!, hashWithoutImage: annotations[HASH_WITHOUT_IMAGE_ANNOTATION]! };
}

export const SELECTED = { app: "web" } as const;
export const UNSELECTED = { app: "nobody-selects-this" } as const;
export const SET_NAME = "log-agent-web";
export const SIDECAR = { name: "logtail", image: "registry.example/agents/logtail:1.0.0" } as const;

function sidecarSet(app: string): KubeObject {
  return {
    apiVersion: "apps.kruise.io/v1beta1",
    kind: "SidecarSet",
    metadata: { name: `log-agent-${app}` },
    spec: {
      selector: { matchLabels: { app } },
      containers: [
        {
          ...SIDECAR,
          volumeMounts: [{ name: "logs", mountPath: "/var/log/web" }],
          shareVolumePolicy: { type: "enabled" },
          transferEnv: [{ sourceContainerName: "web", envName: "TZ" }],
          resources: { limits: { cpu: "100m", memory: "128Mi" } },
        },
      ],
      volumes: [{ name: "logs", emptyDir: {} }],
    },
  } as KubeObject;
}
