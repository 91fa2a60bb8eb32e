import { type ApiObject, fieldAt } from "../apiObject.ts";
import type { UserInfo } from "../apiRequest.ts";
import { badRequest } from "../apiStatus.ts";
import { builtin, type ResourceDefinition } from "../resourceDefinition.ts";

/** Questions that are answered and not stored. There is no authorization here: whoever got in may do everything. */
export const SELF_SUBJECT_ACCESS_REVIEW = question(
  { group: "authorization.k8s.io", kind: "SelfSubjectAccessReview", plural: "selfsubjectaccessreviews" },
  (object) => ({ ...object, status: { allowed: true, reason: "the embedded API server allows everything" } }),
);

/** For `kubectl auth can-i --list`. */
export const SELF_SUBJECT_RULES_REVIEW = question(
  { group: "authorization.k8s.io", kind: "SelfSubjectRulesReview", plural: "selfsubjectrulesreviews" },
  (object) => {
    if (!fieldAt(object, "spec", "namespace")) throw badRequest("no namespace on request");
    const all = ["*"];
    const resourceRules = [{ verbs: all, apiGroups: all, resources: all }];
    const nonResourceRules = [{ verbs: all, nonResourceURLs: all }];
    return { ...object, status: { resourceRules, nonResourceRules, incomplete: false } };
  },
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
