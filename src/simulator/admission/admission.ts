import type { ApiObject } from "../apiObject.ts";
import type { UserInfo } from "../apiRequest.ts";
import type { ResourceDefinition } from "../resourceDefinition.ts";

/** What is about to happen, as admission sees it. */
export interface AdmissionAttributes {
  readonly operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
  readonly definition: ResourceDefinition;
  /** Version of the request. */
  readonly version: string;
  readonly subresource: string;
  readonly namespace: string | undefined;
  /** Empty while a generated name is not decided. */
  readonly name: string;
  /** Undefined for DELETE. */
  readonly object: ApiObject | undefined;
  readonly oldObject: ApiObject | undefined;
  readonly dryRun: boolean;
  readonly options: Readonly<Record<string, unknown>>;
  readonly user: UserInfo;
  /** Hears what the sender should be told. */
  readonly warn: (warning: string) => void;
}

export interface Admission {
  /** The object as admission wants it; rejects with the refusal. */
  mutate(attributes: AdmissionAttributes): Promise<ApiObject | undefined>;
  validate(attributes: AdmissionAttributes): Promise<void>;
}
