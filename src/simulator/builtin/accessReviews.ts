import type { ApiObject } from "../apiObject.ts";
import type { UserInfo } from "../apiRequest.ts";
import { builtin, type ResourceDefinition } from "../resourceDefinition.ts";

/** Questions that are answered and not stored. There is no authorization here: whoever got in may do everything. */
export const SELF_SUBJECT_ACCESS_REVIEW = question(
  { group: "authorization.k8s.io", kind: "SelfSubjectAccessReview", plural: "selfsubjectaccessreviews" },
  (object) => ({ ...object, status: { allowed: true, reason: "the embedded API server allows everything" } }),
);

export const SELF_SUBJECT_REVIEW = question(
  { group: "authentication.k8s.io", kind: "SelfSubjectReview", plural: "selfsubjectreviews" },
  (object, { username, groups }) => ({ ...object, status: { userInfo: { username, groups } } }),
);

function question(
  names: Pick<ResourceDefinition, "group" | "kind" | "plural">,
  answer: (object: ApiObject, user: UserInfo) => ApiObject,
): ResourceDefinition {
  return builtin({
    ...names,
    version: "v1",
    namespaced: false,
    verbs: ["create"],
    strategy: { unconditionalUpdate: false, answer },
  });
}
