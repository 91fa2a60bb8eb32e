import type { FieldError } from "../../result.ts";
import { invalid, invalidIf, oneOf, required } from "../fieldErrors.ts";
import { localPathProblem } from "./mounts.ts";

interface Profile {
  readonly type?: string;
  readonly localhostProfile?: string;
}

export interface CheckedSecurityContext {
  readonly capabilities?: { readonly add?: readonly string[] };
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly procMount?: string;
  readonly seccompProfile?: Profile;
  readonly appArmorProfile?: Profile;
}

const PROFILE_TYPES = ["RuntimeDefault", "Localhost", "Unconfined"];

export function securityContextErrors(context: CheckedSecurityContext, path: string): FieldError[] {
  const { runAsUser, runAsGroup, procMount, seccompProfile, appArmorProfile } = context;
  return [
    ...idErrors(runAsUser, `${path}.runAsUser`),
    ...idErrors(runAsGroup, `${path}.runAsGroup`),
    ...oneOf(procMount, ["Default", "Unmasked"], `${path}.procMount`),
    ...(procMount === "Unmasked"
      ? invalid(`${path}.procMount`, procMount, "Unmasked needs a pod with hostUsers: false")
      : []),
    ...escalationErrors(context, `${path}.allowPrivilegeEscalation`),
    ...(seccompProfile ? seccompErrors(seccompProfile, `${path}.seccompProfile`) : []),
    ...(appArmorProfile ? profileErrors(appArmorProfile, `${path}.appArmorProfile`) : []),
  ];
}

function idErrors(id: number | undefined, path: string): FieldError[] {
  const isId = id === undefined || (id >= 0 && id < 2 ** 31);
  return isId ? [] : invalid(path, id, "must be between 0 and 2147483647");
}

function escalationErrors(context: CheckedSecurityContext, path: string): FieldError[] {
  if (context.allowPrivilegeEscalation !== false) return [];
  if (context.privileged) return invalid(path, false, "a privileged container can escalate its privileges");
  const isAdmin = context.capabilities?.add?.includes("CAP_SYS_ADMIN");
  return isAdmin ? invalid(path, false, "a container with CAP_SYS_ADMIN can escalate its privileges") : [];
}

function seccompErrors(profile: Profile, path: string): FieldError[] {
  const { localhostProfile } = profile;
  const localPath = localhostProfile ? localPathProblem(localhostProfile) : undefined;
  return [...profileErrors(profile, path), ...invalidIf(localPath, `${path}.localhostProfile`, localhostProfile)];
}

function profileErrors({ type = "", localhostProfile }: Profile, path: string): FieldError[] {
  if (type === "") return required(`${path}.type`, `one of ${PROFILE_TYPES.join(", ")}`);
  if (type === "Localhost" && !localhostProfile) return required(`${path}.localhostProfile`, "name the profile");
  if (type !== "Localhost" && localhostProfile !== undefined) {
    return invalid(`${path}.localhostProfile`, localhostProfile, "only for the type Localhost");
  }
  return oneOf(type, PROFILE_TYPES, `${path}.type`);
}
