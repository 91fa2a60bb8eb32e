import type { ExplainedPod } from "../../core/explanation/explainPod.ts";
import { parsePod } from "../../core/injection/parsePod.ts";
import { CommandError } from "../exitCode.ts";
import { asManifest, type LocatedObject, placed } from "../manifests.ts";
import { podPath, podTemplateOf } from "../podTemplate.ts";
import { listed } from "../readSidecarSets.ts";

/** The pods that files describe, by themselves or as a workload's. */
export function plannedPods(files: readonly LocatedObject[], namespace: string): readonly ExplainedPod[] {
  return files.flatMap((located): readonly ExplainedPod[] => {
    const path = podPath(located.object);
    if (path === undefined) return [];
    const { object } = asManifest(located);
    const pod = parsePod(podTemplateOf(object, path));
    if (!pod.ok) {
      const place = placed({ source: located.source, position: located.position("") });
      throw new CommandError(`${place}: ${object.kind} is invalid:\n${listed(pod.error)}`);
    }
    const { name = object.metadata.generateName ?? "" } = object.metadata;
    const metadata = { ...pod.value.metadata, name, namespace: object.metadata.namespace || namespace };
    const workload = path.length === 0 ? undefined : { kind: object.kind, name };
    return [{ object: { ...pod.value, metadata }, workload, planned: true }];
  });
}
