import { CopyStore } from "../src/cluster/copyStore.ts";
import type { InjectionCopies } from "../src/cluster/gatherInjection.ts";
import type { ControllerRevision, KubeObject, Namespace } from "../src/core/kube/object.ts";
import { HASH_ANNOTATION, HASH_WITHOUT_IMAGE_ANNOTATION } from "../src/core/sidecarSet/annotations.ts";
import { sidecarSetHashes } from "../src/core/sidecarSet/hash.ts";
import { parseSidecarSet } from "../src/core/sidecarSet/parseSidecarSet.ts";
import type { SidecarSet } from "../src/core/sidecarSet/sidecarSet.ts";

/** So many SidecarSets for the namespace of the pod, one of which selects it. */
export function knownSidecarSets(count: number): readonly SidecarSet[] {
  return Array.from({ length: count }, (_, index) => sidecarSet(index === 0 ? "web" : `other-${index}`));
}

/** What the manager has copied when it knows these sets. */
export function knownObjects(sidecarSets: readonly SidecarSet[]): InjectionCopies {
  const shop = { name: "shop", labels: { "kubernetes.io/metadata.name": "shop" } };
  return {
    sidecarSets: copyOf<SidecarSet>(sidecarSets, ({ name }) => name),
    namespaces: copyOf<Namespace>([{ apiVersion: "v1", kind: "Namespace", metadata: shop }], () => "shop"),
    revisions: copyOf<ControllerRevision>([], () => ""),
  };
}

function copyOf<T>(objects: readonly T[], nameOf: (object: T) => string): CopyStore<KubeObject, T> {
  const byName = new Map(objects.map((object) => [nameOf(object), object]));
  const copy = new CopyStore<KubeObject, T>(({ metadata }) => byName.get(metadata.name!)!, console.error);
  const staged = copy.stage();
  for (const name of byName.keys()) copy.addTo(staged, { apiVersion: "v1", kind: "Kept", metadata: { name } });
  copy.replace(staged);
  return copy;
}

function sidecarSet(app: string): SidecarSet {
  const parsed = parseSidecarSet({
    apiVersion: "apps.kruise.io/v1beta1",
    kind: "SidecarSet",
    metadata: { name: `log-agent-${app}` },
    spec: {
      selector: { matchLabels: { app } },
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "shop" } },
      containers: [
        {
          name: "logtail",
          image: "registry.example/logtail:1.0.0",
          volumeMounts: [{ name: "logs", mountPath: "/var/log/web" }],
          shareVolumePolicy: { type: "enabled" },
          transferEnv: [{ sourceContainerName: "web", envName: "TZ" }],
          resources: { limits: { cpu: "100m", memory: "128Mi" } },
        },
      ],
      volumes: [{ name: "logs", emptyDir: {} }],
    },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const { hash, hashWithoutImage } = sidecarSetHashes(parsed.value);
  return {
    ...parsed.value,
    annotations: { [HASH_ANNOTATION]: hash, [HASH_WITHOUT_IMAGE_ANNOTATION]: hashWithoutImage },
  };
}
