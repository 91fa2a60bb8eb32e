import { parseImageReference } from "../kube/imageReference.ts";
import type { KubeObject } from "../kube/object.ts";
import { SIDECAR_SET_GATES } from "./openKruise.ts";

/** As much of a Deployment as tells about the manager that it runs. */
export interface ManagerDeployment extends KubeObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly template?: { readonly spec?: { readonly containers?: readonly ManagerContainer[] } };
  };
  readonly status?: { readonly replicas?: number; readonly readyReplicas?: number };
}

interface ManagerContainer {
  readonly name: string;
  readonly image?: string;
  readonly args?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

/** What OpenKruise's Deployment says about the manager in it. */
export interface ManagerInstallation {
  readonly image: string;
  /** The tag of its image; empty when there is none. */
  readonly version: string;
  readonly replicas: number;
  readonly readyReplicas: number;
  /** As given on its command line; all others have their defaults. */
  readonly featureGates: Readonly<Record<string, boolean>>;
  /** Whether it injects sidecars at all. */
  readonly injects: boolean;
  /** The tool that manages the Deployment and would set its scale back: `Helm`, `Argo CD`, `Flux`; undefined: none is known. */
  readonly managedBy: string | undefined;
}

export function managerInstallation(deployment: ManagerDeployment): ManagerInstallation {
  const { spec = {}, status = {} } = deployment;
  const containers = spec.template?.spec?.containers ?? [];
  const manager = containers.find(({ name }) => name === "manager") ?? containers[0];
  const featureGates = gatesOf([...(manager?.command ?? []), ...(manager?.args ?? [])]);
  const image = manager?.image ?? "";
  return {
    image,
    version: parseImageReference(image)?.tag ?? "",
    replicas: spec.replicas ?? 1,
    readyReplicas: status.readyReplicas ?? 0,
    featureGates,
    injects: isGateOn(featureGates, "PodWebhook") && hasSidecarSets(manager),
    managedBy: managedBy(deployment),
  };
}

/** Where it is not given, by OpenKruise's default; `AllAlpha` turns on what nobody has turned off by name. */
export function isGateOn(gates: Readonly<Record<string, boolean>>, gate: string): boolean {
  const isDefault = SIDECAR_SET_GATES[gate] ?? false;
  return gates[gate] ?? (isDefault || (gates.AllAlpha ?? false));
}

const GATES_FLAG = /^--?feature-gates(?:=(.*))?$/s;

/** Of `--feature-gates=A=true,B=false`, also with the value as the next argument. */
function gatesOf(args: readonly string[]): Readonly<Record<string, boolean>> {
  const texts = args.flatMap((arg, index) => {
    const flag = GATES_FLAG.exec(arg);
    return flag ? [flag[1] ?? args[index + 1] ?? ""] : [];
  });
  const pairs = texts.flatMap((text) => text.split(",")).map((pair) => pair.trim().split("="));
  return Object.fromEntries(
    pairs.filter(([gate]) => gate !== "").map(([gate = "", value = "true"]) => [gate, /^(?:1|t|true)$/i.test(value)]),
  );
}

/** An installation may be cut down to some kinds. */
function hasSidecarSets(manager: ManagerContainer | undefined): boolean {
  const kinds = manager?.env?.find(({ name }) => name === "CUSTOM_RESOURCE_ENABLE")?.value ?? "";
  return kinds === "" || kinds.split(",").some((kind) => kind.trim() === "SidecarSet");
}

function managedBy({ metadata }: ManagerDeployment): string | undefined {
  const { labels = {}, annotations = {} } = metadata;
  if (
    annotations["argocd.argoproj.io/tracking-id"] !== undefined ||
    labels["argocd.argoproj.io/instance"] !== undefined
  )
    return "Argo CD";
  if (Object.keys(labels).some((key) => key.endsWith(".toolkit.fluxcd.io/name"))) return "Flux";
  if (labels["app.kubernetes.io/managed-by"] === "Helm" || annotations["meta.helm.sh/release-name"] !== undefined)
    return "Helm";
  return undefined;
}
