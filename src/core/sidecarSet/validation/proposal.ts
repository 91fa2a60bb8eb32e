import type { ControllerRevision } from "../../kube/object.ts";
import type { CompilePattern } from "../../kube/pattern.ts";
import type { SidecarSetManifest } from "../generated/sidecarSetManifest.ts";
import type { SidecarSet } from "../sidecarSet.ts";

/** What an admission decision about a SidecarSet looks at. */
export interface Proposal {
  /** As in the request, of either API version. */
  readonly sidecarSet: unknown;
  /** What it replaces; absent when it is being created. */
  readonly old?: unknown;
  /** Without a cluster: revisions and SidecarSets that are not given may exist all the same. */
  readonly offline?: boolean;
  /** Every SidecarSet of the cluster; the one being decided about may be among them. */
  readonly existing: readonly SidecarSet[];
  /** Revisions of the set, for a pin. */
  readonly revisions: readonly ControllerRevision[];
  readonly metadataRules: MetadataRules;
  readonly compilePattern: CompilePattern;
}

/** What patchPodMetadata may touch in this installation. */
export interface MetadataRules {
  /** The JSON of the white list in the configuration, when there is one. */
  readonly whitelist?: string;
  /** Why nobody knows whether there is one. */
  readonly unreadable?: string;
  /** Of the configuration; the default system namespace when absent. */
  readonly namespace?: string;
  /** What holds where no white list says anything. */
  readonly allowedByDefault: boolean;
}

/** The object after reading: its fields have the right JSON types and defaults are filled in. */
export interface CheckedSidecarSet {
  readonly set: SidecarSet;
  readonly metadata: CheckedMetadata;
  readonly spec: CheckedSpec;
}

export interface CheckedMetadata {
  readonly name?: string;
  readonly namespace?: string;
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly {
    readonly apiVersion?: string;
    readonly kind?: string;
    readonly name?: string;
    readonly uid?: string;
    readonly controller?: boolean;
  }[];
}

/** As it was written, where the model maps texts to what they mean; the types of texts are those of sensible ones. */
export type CheckedSpec = Spec & Required<Pick<Spec, "updateStrategy">>;

type Spec = NonNullable<SidecarSetManifest["spec"]>;
