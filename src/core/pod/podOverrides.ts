import { parseImageReference } from "../kube/imageReference.ts";
import { OVERRIDE_PREFIX } from "../sidecarSet/annotations.ts";

/** What an annotation of a pod wants to have otherwise in one of its sidecars. */
export interface RequestedOverride {
  readonly annotation: string;
  /** As the SidecarSet names it, also where it becomes a hot-upgrade pair. */
  readonly container: string;
  /** In the words of `podOverrides`: `imageTag`, `resources`, `env:NAME`; anything else is a slip of the pen. */
  readonly what: string;
  readonly value: string;
}

const ENV_KEY = "env.";
const ENV = "env:";

export function requestedOverrides(annotations: Readonly<Record<string, string>>): readonly RequestedOverride[] {
  const requested: RequestedOverride[] = [];
  for (const annotation of Object.keys(annotations)) {
    if (!annotation.startsWith(OVERRIDE_PREFIX)) continue;
    const [container = "", ...rest] = annotation.slice(OVERRIDE_PREFIX.length).split(".");
    const key = rest.join(".");
    const what = key.startsWith(ENV_KEY) ? ENV + key.slice(ENV_KEY.length) : key;
    requested.push({ annotation, container, what, value: annotations[annotation] ?? "" });
  }
  return requested;
}

/** The annotation by which a pod says it. */
export function overrideAnnotation(container: string, what: string): string {
  const variable = overriddenVariable(what);
  return `${OVERRIDE_PREFIX}${container}.${variable === undefined ? what : ENV_KEY + variable}`;
}

/** `env:NAME` → `NAME` */
export function overriddenVariable(what: string): string | undefined {
  return what.startsWith(ENV) ? what.slice(ENV.length) : undefined;
}

/**
 * The image with another tag in place of its own, and without a digest, which would win over any tag.
 * @returns undefined when the text is no tag, or the image cannot have one
 */
export function imageWithTag(image: string, tag: string): string | undefined {
  const reference = /^\w[\w.-]{0,127}$/.test(tag) ? parseImageReference(image) : undefined;
  return reference && `${reference.familiarName}:${tag}`;
}
