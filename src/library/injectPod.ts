import type { Injection } from "../core/injection/injection.ts";
import { type InjectionError, rejectionText } from "../core/injection/injectionReason.ts";
import { type InstallationRules, injectionRules } from "../core/injection/injectionRules.ts";
import * as core from "../core/injection/injectPod.ts";
import { parsePod } from "../core/injection/parsePod.ts";
import { duplicate, duplicates } from "../core/kube/fieldErrors.ts";
import { applyJsonPatch } from "../core/kube/jsonPatch.ts";
import type { ControllerRevision, Json } from "../core/kube/object.ts";
import type { Pod } from "../core/kube/pod.ts";
import { oncePer } from "../core/oncePer.ts";
import { err, type FieldError, ok, type Result } from "../core/result.ts";
import { DEFAULT_SYSTEM_NAMESPACE, NAMESPACE_NAME_LABEL } from "../core/sidecarSet/annotations.ts";
import { withHashes } from "../core/sidecarSet/hash.ts";
import type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";
import { compileGoPattern } from "../webhook/goPattern.ts";
import { below, readRevisions, readSidecarSets, type SidecarSetInput } from "./readGiven.ts";

export interface InjectionRequest<P extends object> extends Partial<InstallationRules> {
  /** As it is about to be created. Never changed; fields we do not know are kept. */
  readonly pod: P;
  /** All that exist: those that do not select the pod are skipped, with the reason. */
  readonly sidecarSets: readonly SidecarSetInput[];
  /** Counts when the pod names none; absent: `default`. */
  readonly namespace?: string;
  /** Labels of the pod's namespace, beside the one with its name that every namespace has. */
  readonly namespaceLabels?: Readonly<Record<string, string>>;
  /** The ControllerRevisions of the system namespace, for SidecarSets that pin one. */
  readonly revisions?: readonly ControllerRevision[];
  /** The time that the pod's records will say; absent: now. */
  readonly now?: Date;
  /** What tells the pod from its siblings, for a split between two revisions; absent: its name. */
  readonly identity?: string;
}

export interface InjectedPod<P extends object> extends Pick<Injection, "patch" | "outcomes" | "warnings"> {
  /** The pod with the patch applied; what the patch leaves alone is shared with the pod that was given. */
  readonly pod: P;
}

export type InjectionFailure =
  /** Something given cannot be read. Fields start with `pod`, `sidecarSets[0]` or `revisions[0]`. */
  | { readonly kind: "unreadable"; readonly errors: readonly FieldError[]; readonly message: string }
  /** A SidecarSet selects the pod and cannot be injected: admission would refuse the pod with this message. */
  | ({ readonly kind: "rejected"; readonly message: string } & InjectionError);

/** What the webhook does to a new pod: the same decision, without a cluster. */
export function injectPod<P extends object>(request: InjectionRequest<P>): Result<InjectedPod<P>, InjectionFailure> {
  const pod = parsePod(request.pod);
  const sets = readSidecarSets(request.sidecarSets, "sidecarSets");
  const revisions = readRevisions(request.revisions ?? [], "revisions");
  if (!pod.ok) return err(unreadable(below("pod", pod.error)));
  if (!sets.ok) return err(unreadable(sets.error));
  if (!revisions.ok) return err(unreadable(revisions.error));
  const twins = twinErrors(sets.value);
  if (twins.length > 0) return err(unreadable(twins));

  const injection = core.injectPod({
    ...contextOf(request, pod.value),
    pod: pod.value,
    sidecarSets: sets.value.map(asStored),
    revisions: revisions.value,
  });
  if (!injection.ok) return err({ kind: "rejected", message: rejectionText(injection.error), ...injection.error });
  const patched = applyJsonPatch(pod.value as unknown as Json, injection.value.patch);
  if (!patched.ok) throw new Error(`the patch does not fit the pod it was made for: ${patched.error}`);
  const { patch, outcomes, warnings } = injection.value;
  return ok({ pod: patched.value as P, patch, outcomes, warnings });
}

function contextOf(request: InjectionRequest<object>, { metadata }: Pod) {
  const { namespace = "default", systemNamespace = DEFAULT_SYSTEM_NAMESPACE } = request;
  return {
    requestNamespace: namespace,
    namespaceLabels: { ...request.namespaceLabels, [NAMESPACE_NAME_LABEL]: metadata.namespace || namespace },
    now: (request.now ?? new Date()).getTime(),
    identity: request.identity ?? (metadata.name || metadata.generateName || ""),
    compilePattern: compileGoPattern,
    ...injectionRules({ ...request, systemNamespace }),
  };
}

/** With the hashes that admission writes, whatever the file says. */
const asStored = oncePer(withHashes);

/** A cluster has one SidecarSet of a name. */
function twinErrors(sets: readonly SidecarSet[]): FieldError[] {
  return duplicates(sets, ({ name }) => name).flatMap((index) =>
    duplicate(`sidecarSets[${index}].metadata.name`, sets[index]?.name, "another SidecarSet of the list has this name"),
  );
}

function unreadable(errors: readonly FieldError[]): InjectionFailure {
  const message = errors.map(({ field, detail }) => `${field}: ${detail}`).join("\n");
  return { kind: "unreadable", errors, message };
}
