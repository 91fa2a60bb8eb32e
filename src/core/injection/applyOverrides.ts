import type { EnvVar } from "../kube/pod.ts";
import { imageWithTag, type RequestedOverride } from "../pod/podOverrides.ts";
import { err, ok, type Result } from "../result.ts";
import { overriddenVariable } from "../sidecarSet/overrideAnnotation.ts";
import type { SidecarContainer } from "../sidecarSet/sidecarSet.ts";
import { overriddenResources } from "./overriddenResources.ts";

/** A sidecar as one pod wants it, as far as its SidecarSet lets pods have it their way. */
export interface OverriddenSidecar {
  readonly sidecar: SidecarContainer;
  readonly applied: readonly RequestedOverride[];
  readonly refused: readonly RefusedOverride[];
}

export interface RefusedOverride extends RequestedOverride {
  readonly why: string;
}

/** What cannot be applied is left out, so that nobody's pod is refused for it; whoever created the pod is told. */
export function applyOverrides(sidecar: SidecarContainer, requested: readonly RequestedOverride[]): OverriddenSidecar {
  let overridden = sidecar;
  const applied: RequestedOverride[] = [];
  const refused: RefusedOverride[] = [];
  for (const override of requested) {
    if (override.container !== sidecar.name) continue;
    const result = applyOne(overridden, override);
    if (result.ok) {
      overridden = result.value;
      applied.push(override);
    } else refused.push({ ...override, why: result.error });
  }
  return { sidecar: overridden, applied, refused };
}

/** Overrides of containers that none of the pod's SidecarSets brings: usually a slip of the pen. */
export function strayOverrides(
  requested: readonly RequestedOverride[],
  sidecars: ReadonlySet<string>,
): readonly RefusedOverride[] {
  return requested
    .filter(({ container }) => !sidecars.has(container))
    .map((override) => ({
      ...override,
      why: `the pod gets no sidecar ${override.container}, only ${[...sidecars].join(", ")}`,
    }));
}

export function refusalText({ annotation, value, why }: RefusedOverride): string {
  const shown = value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value;
  return `annotation ${annotation}: ${JSON.stringify(shown)} is ignored: ${why}`;
}

const LONGEST_VALUE = 60;

function applyOne(sidecar: SidecarContainer, { what, value }: RequestedOverride): Result<SidecarContainer, string> {
  if (!sidecar.podOverrides?.includes(what)) return err(whyNotAllowed(sidecar));
  const variable = overriddenVariable(what);
  if (variable !== undefined)
    return ok({ ...sidecar, env: withVariable(sidecar.env ?? [], { name: variable, value }) });
  if (what === "resources") {
    const resources = overriddenResources(sidecar.resources ?? {}, value);
    return resources.ok ? ok({ ...sidecar, resources: resources.value }) : resources;
  }
  const image = imageWithTag(sidecar.image ?? "", value);
  if (image !== undefined) return ok({ ...sidecar, image });
  return err(`a tag for the image ${sidecar.image ?? ""} is expected: letters, digits, '_', '.' and '-', at most 128`);
}

function whyNotAllowed({ name, podOverrides = [] }: SidecarContainer): string {
  const allowed = podOverrides.length === 0 ? "nothing" : `only ${podOverrides.join(", ")}`;
  return `the SidecarSet lets pods override ${allowed} of container ${name}`;
}

/** In the place of the variables of that name, else behind the others. */
function withVariable(env: readonly EnvVar[], variable: EnvVar): readonly EnvVar[] {
  const at = env.findIndex(({ name }) => name === variable.name);
  if (at === -1) return [...env, variable];
  const isOther = ({ name }: EnvVar) => name !== variable.name;
  return [...env.slice(0, at), variable, ...env.slice(at + 1).filter(isOther)];
}
