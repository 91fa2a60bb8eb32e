/** What one check of an installation found. */
export interface InstallationFinding {
  readonly group: CheckGroup;
  readonly code: string;
  readonly name: CheckName;
  readonly severity: "ok" | "warning" | "error";
  /** One sentence with what was seen. */
  readonly message: string;
  /** A command, or what to do; absent where all is well. */
  readonly fix?: string;
}

const CHECKS = {
  serverVersion: ["C01", "cluster"],
  definition: ["C02", "cluster"],
  systemNamespace: ["C03", "cluster"],
  rights: ["C04", "cluster"],
  otherManager: ["C05", "cluster"],
  switches: ["C06", "manager"],
  leader: ["C07", "manager"],
  managerPods: ["C08", "manager"],
  versionSkew: ["C09", "manager"],
  registration: ["C10", "webhook"],
  certificate: ["C11", "webhook"],
  webhookAnswer: ["C12", "webhook"],
  readable: ["C13", "sidecarsets"],
  observed: ["C14", "sidecarsets"],
  coverage: ["C15", "sidecarsets"],
  blocked: ["C16", "sidecarsets"],
} as const;

export type CheckName = keyof typeof CHECKS;
export type CheckGroup = (typeof CHECKS)[CheckName][1];

/** Every check with its code and group, for the reference. */
export const INSTALLATION_CHECKS: Readonly<Record<CheckName, readonly [string, CheckGroup]>> = CHECKS;

export function fine(name: CheckName, message: string): InstallationFinding {
  const [code, group] = INSTALLATION_CHECKS[name];
  return { group, code, name, severity: "ok", message };
}

export function warning(name: CheckName, message: string, fix: string): InstallationFinding {
  return { ...fine(name, message), severity: "warning", fix };
}

export function failure(name: CheckName, message: string, fix: string): InstallationFinding {
  return { ...fine(name, message), severity: "error", fix };
}
