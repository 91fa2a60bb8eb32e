import { parseImageReference } from "../kube/imageReference.ts";
import { overriddenBy } from "../sidecarSet/overrideAnnotation.ts";

/** What an annotation of a pod wants to have otherwise in one of its sidecars. */
export interface RequestedOverride {
  readonly annotation: string;
  /** As the SidecarSet names it, also where it becomes a hot-upgrade pair. */
  readonly container: string;
  /** In the words of `podOverrides`: `imageTag`, `resources`, `env:NAME`; anything else is a slip of the pen. */
  readonly what: string;
  readonly value: string;
}

export function requestedOverrides(annotations: Readonly<Record<string, string>>): readonly RequestedOverride[] {
  const requested: RequestedOverride[] = [];
  for (const annotation of Object.keys(annotations)) {
    const overridden = overriddenBy(annotation);
    if (overridden) requested.push({ annotation, ...overridden, value: annotations[annotation] ?? "" });
  }
  return requested;
}

/**
 * The image with another tag in place of its own, and without a digest, which would win over any tag.
 * @returns undefined when the text is no tag, or the image cannot have one
 */
export function imageWithTag(image: string, tag: string): string | undefined {
  const reference = /^\w[\w.-]{0,127}$/.test(tag) ? parseImageReference(image) : undefined;
  return reference && `${reference.familiarName}:${tag}`;
}
