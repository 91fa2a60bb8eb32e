import type { FieldError } from "../core/result.ts";
import type { ApiObject } from "./apiObject.ts";
import type { RequestOptions, UserInfo } from "./apiRequest.ts";
import type { GroupKind } from "./apiStatus.ts";
import { pruneUnknownFields } from "./customResourcePruning.ts";
import type { StructuralSchema } from "./customResourceSchema.ts";
import { builtinSchema, typeNameOf } from "./schema/builtinTypes.ts";

export type Verb = "get" | "list" | "watch" | "create" | "update" | "patch" | "delete" | "deletecollection";

/** What the API server knows about one kind, as data. Built-in kinds and custom resources are the same to it. */
export interface ResourceDefinition {
  /** Empty for core. */
  readonly group: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  /** Version in which objects are kept; others are the same fields under another apiVersion. */
  readonly storageVersion: string;
  /** By name, most preferred first. */
  readonly versions: Readonly<Record<string, ServedVersion>>;
  readonly strategy: Strategy;
  /** Built-in kinds take strategic merge patches; custom resources answer 415. */
  readonly strategicMerge: boolean;
}

export interface ServedVersion {
  /** Set on versions that only exist for old clients. */
  readonly deprecationWarning?: string;
  /** Decoding: what a body becomes before anyone looks at it (pruned, defaulted), and what the sender should hear about it. */
  readonly decode: (object: ApiObject) => Decoded;
  readonly columns: readonly TableColumn[];
  /** What the fields are, as far as it is known: for pruning, server-side apply, and `kubectl explain`. */
  readonly schema?: StructuralSchema;
  readonly subresources: Readonly<Record<string, Subresource>>;
}

export interface Decoded {
  readonly object: ApiObject;
  /** Paths of fields that no schema knows; refused under fieldValidation=Strict. */
  readonly unknownFields?: readonly string[];
}

export interface Strategy {
  /** The kind is a question: its creation is answered with this and stores nothing. */
  readonly answer?: (object: ApiObject, user: UserInfo) => ApiObject;
  /** Nothing here acts on the kind, so nobody may write it: that is said instead of 405. */
  readonly readOnly?: true;
  /** Built-in admission on creation, before any webhook: tolerations, priority, the service account. */
  readonly admitCreate?: (object: ApiObject) => ApiObject;
  readonly admitUpdate?: (object: ApiObject) => ApiObject;
  /** Fields the server owns: status of a new object, generated values. Runs after mutating admission. */
  readonly prepareForCreate?: (object: ApiObject, context: StrategyContext) => ApiObject;
  readonly prepareForUpdate?: (object: ApiObject, old: ApiObject, context: StrategyContext) => ApiObject;
  readonly validateCreate?: (object: ApiObject, version: string) => readonly FieldError[];
  readonly validateUpdate?: (object: ApiObject, old: ApiObject, version: string) => readonly FieldError[];
  /** What a new generation is about; left out: the kind has no generation. */
  readonly generationOf?: (object: ApiObject) => unknown;
  /** Seconds between the request and the end; undefined: the object goes at once. */
  readonly gracePeriodOf?: (object: ApiObject, requested: number | undefined) => number;
  /** Refuses a deletion by throwing. */
  readonly admitDelete?: (object: ApiObject) => void;
  /** Something besides metadata.finalizers keeps a deleted object (a namespace's spec.finalizers). */
  readonly isKept?: (object: ApiObject) => boolean;
  /** What else shows that an object is being deleted (a namespace's phase). */
  readonly markDeleted?: (object: ApiObject) => ApiObject;
  /** May an update leave resourceVersion out? */
  readonly unconditionalUpdate: boolean;
  readonly createOnUpdate?: boolean;
  /** DELETE answers with the object instead of a Status. */
  readonly returnsDeleted?: boolean;
  readonly orphansByDefault?: boolean;
  /** Values `fieldSelector` can ask for besides metadata.name and metadata.namespace. */
  readonly selectableFields?: Readonly<Record<string, (object: ApiObject) => string>>;
}

export interface StrategyContext {
  readonly now: string;
  readonly newUid: () => string;
}

/** A column of the server's tables. Priority 0 is always shown, 1 with `-o wide`. */
export interface TableColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean" | "date";
  readonly format?: string;
  readonly description: string;
  readonly priority: number;
  readonly value: (object: ApiObject, now: number) => unknown;
}

/** A part of an object with a URL of its own. */
export type Subresource = ViewSubresource | ActionSubresource | LogSubresource;

/** Read and written like an object: status, scale, finalize. */
export interface ViewSubresource {
  readonly type: "view";
  readonly verbs: readonly Verb[];
  /** Kind of the bodies; left out: the object's own. */
  readonly kind?: GroupKind & { readonly version: string };
  readonly read: (object: ApiObject) => ApiObject;
  /** The object after a write of the subresource; Invalid when it does not make sense. */
  readonly write: (body: ApiObject, object: ApiObject) => ApiObject;
  readonly validate?: (body: ApiObject, object: ApiObject) => readonly FieldError[];
  readonly changesGeneration: boolean;
}

/** Something done to an object by POST: binding, eviction. */
export interface ActionSubresource {
  readonly type: "action";
  readonly verbs: readonly ["create"];
  readonly kind: GroupKind & { readonly version: string };
  readonly act: (body: ApiObject, object: ApiObject, context: StrategyContext) => Action;
}

/** What a container has written, as text. */
interface LogSubresource {
  readonly type: "log";
  readonly verbs: readonly ["get"];
  readonly kind?: undefined;
}

type Action =
  | { readonly do: "replace"; readonly object: ApiObject }
  | { readonly do: "delete"; readonly options: RequestOptions };

export interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** A built-in kind with one version and the usual verbs; the exceptions are given. */
export function builtin(
  settings: Pick<ResourceDefinition, "group" | "kind" | "plural" | "namespaced"> &
    Partial<ResourceDefinition> & {
      readonly version: string;
      readonly decode?: (object: ApiObject) => ApiObject;
      readonly columns?: readonly TableColumn[];
      readonly subresources?: Readonly<Record<string, Subresource>>;
    },
): ResourceDefinition {
  const { version, decode = (object) => object, columns = [], subresources = {}, ...rest } = settings;
  const schema = builtinSchema(typeNameOf(settings, version));
  return {
    listKind: `${settings.kind}List`,
    singular: settings.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    verbs: ALL_VERBS,
    storageVersion: version,
    strategy: { unconditionalUpdate: true },
    strategicMerge: true,
    versions: {
      [version]: {
        decode: (object) => {
          const pruned = schema ? pruneUnknownFields(object, schema) : { object, unknownFields: [] };
          return { ...pruned, object: decode(pruned.object) };
        },
        columns,
        subresources,
        ...(schema ? { schema } : {}),
      },
    },
    ...rest,
  };
}

export const ALL_VERBS: readonly Verb[] = [
  "create",
  "delete",
  "deletecollection",
  "get",
  "list",
  "patch",
  "update",
  "watch",
];
