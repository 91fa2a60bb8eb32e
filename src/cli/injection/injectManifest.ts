import type { Injection, InjectionRules } from "../../core/injection/injection.ts";
import type { InjectionError } from "../../core/injection/injectionReason.ts";
import { injectPod } from "../../core/injection/injectPod.ts";
import { parsePod } from "../../core/injection/parsePod.ts";
import { applyJsonPatch } from "../../core/kube/jsonPatch.ts";
import type { Json, JsonObject, KubeObject } from "../../core/kube/object.ts";
import type { Pod } from "../../core/kube/pod.ts";
import type { Result } from "../../core/result.ts";
import { compileGoPattern } from "../../webhook/goPattern.ts";
import { CommandError } from "../exitCode.ts";
import { type Manifest, placed } from "../manifests.ts";
import { podTemplateOf, withPodTemplate } from "../podTemplate.ts";
import { listed } from "../readSidecarSets.ts";
import type { Surroundings } from "./injectionSurroundings.ts";

/** A pod or a workload of a file, and where it describes its pods. */
export interface PodManifest extends Manifest {
  readonly podPath: readonly string[];
  readonly namespace: string;
}

export interface InjectedManifest {
  readonly manifest: PodManifest;
  /** The pod as it would be created, and as it would be stored. */
  readonly before: Pod;
  readonly after: Pod;
  readonly decision: Result<Injection, InjectionError>;
  /** The whole object with the pod that comes out. */
  readonly object: KubeObject;
}

/** `Deployment shop/web`. */
export function titleOf({ object, namespace }: PodManifest): string {
  return `${object.kind} ${namespace}/${object.metadata.name ?? object.metadata.generateName ?? "?"}`;
}

/** The webhook's own decision about the pod of an object. */
export function injectManifest(
  manifest: PodManifest,
  surroundings: Surroundings,
  given: { readonly now: number; readonly rules: InjectionRules },
): InjectedManifest {
  const { object, namespace, podPath } = manifest;
  const pod = podOf(manifest);
  const decision = injectPod({
    ...given.rules,
    pod,
    requestNamespace: namespace,
    namespaceLabels: surroundings.labelsOf(namespace),
    sidecarSets: surroundings.sidecarSets.map(({ set }) => set),
    revisions: surroundings.revisions,
    now: given.now,
    identity: object.metadata.name ?? "",
    compilePattern: compileGoPattern,
  });
  const after = decision.ok ? patched(pod, decision.value) : pod;
  const template = { ...after, metadata: asWritten(object, podPath, after.metadata) } as unknown as JsonObject;
  const isChanged = after !== pod;
  return {
    manifest,
    before: pod,
    after,
    decision,
    object: isChanged ? withPodTemplate(object, podPath, template) : object,
  };
}

/** A copy: two places of a YAML file may hold the same object by an alias, and provenance tells objects apart. */
function podOf(manifest: PodManifest): Pod {
  const { object, podPath, namespace, source } = manifest;
  const place = `${placed({ source, position: manifest.position("") })}: ${titleOf(manifest)} is invalid`;
  const template = podTemplateOf(object, podPath);
  if (template === undefined) throw new CommandError(`${place}:\n  ${podPath.join(".")}: an object is expected`);
  const pod = parsePod(JSON.parse(JSON.stringify(template)));
  if (!pod.ok) throw new CommandError(`${place}:\n${listed(pod.error)}`);
  return { ...pod.value, metadata: { ...pod.value.metadata, namespace } };
}

function patched(pod: Pod, { patch }: Injection): Pod {
  if (patch.length === 0) return pod;
  const result = applyJsonPatch(pod as unknown as Json, patch);
  if (!result.ok) throw new Error(`the patch does not fit the pod it was made for: ${result.error}`);
  return result.value as unknown as Pod;
}

/** A pod lives where its workload does, whatever the template says; written out is what the file said. */
function asWritten(object: KubeObject, podPath: readonly string[], metadata: Pod["metadata"]): Pod["metadata"] {
  const template = podTemplateOf(object, podPath) as Partial<Pod> | undefined;
  const namespace = template?.metadata?.namespace;
  if (namespace !== undefined) return { ...metadata, namespace };
  const { namespace: _, ...written } = metadata;
  return written;
}
