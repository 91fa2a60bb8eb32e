import { OVERRIDE_PREFIX } from "./annotations.ts";

const ENV_KEY = "env.";
const ENV = "env:";

/** The annotation by which a pod overrides what `podOverrides` allows. */
export function overrideAnnotation(container: string, what: string): string {
  const variable = overriddenVariable(what);
  return `${OVERRIDE_PREFIX}${container}.${variable === undefined ? what : ENV_KEY + variable}`;
}

/** The container and, in the words of `podOverrides`, what such an annotation overrides; undefined for any other annotation. */
export function overriddenBy(annotation: string): { readonly container: string; readonly what: string } | undefined {
  if (!annotation.startsWith(OVERRIDE_PREFIX)) return undefined;
  const [container = "", ...rest] = annotation.slice(OVERRIDE_PREFIX.length).split(".");
  const key = rest.join(".");
  return { container, what: key.startsWith(ENV_KEY) ? ENV + key.slice(ENV_KEY.length) : key };
}

/** `env:NAME` → `NAME` */
export function overriddenVariable(what: string): string | undefined {
  return what.startsWith(ENV) ? what.slice(ENV.length) : undefined;
}
