import { MANAGER_GRANTS } from "../../generate/install/rights.ts";
import type { AuditedRequest } from "./auditLog.ts";
import { withoutRight } from "./usedRights.ts";

/** Name of the manager's service account, in whatever namespace. */
export const MANAGER_ACCOUNT = "sidecarset-manager";
const MANAGER = new RegExp(`^system:serviceaccount:(.+):${MANAGER_ACCOUNT}$`);

/** What managers of the stories, which run as their service accounts, were refused, and what they did beyond their table of rights; each as a line. */
export function misusedRights(requests: readonly AuditedRequest[]): readonly string[] {
  const made = requests.flatMap((request) => {
    const [, namespace] = MANAGER.exec(request.user) ?? [];
    return namespace === undefined ? [] : [{ ...request, from: namespace }];
  });
  console.log(`${made.length} requests of managers were held against their rights`);
  return [...new Set(made.map(({ from }) => from))].flatMap((namespace) => {
    const own = made.filter(({ from }) => from === namespace);
    const refused = own.filter(({ forbidden }) => forbidden).map(({ verb, uri }) => `was refused: ${verb} ${uri}`);
    const beyond = withoutRight(MANAGER_GRANTS, own, namespace).map((what) => `has no right in the table for: ${what}`);
    return [...new Set([...refused, ...beyond])].map((line) => `the manager in ${namespace} ${line}`);
  });
}
