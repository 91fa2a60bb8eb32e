/** The public code of every reason why a pod got no sidecar, or not the latest one. Names and codes are stable. */
const CODES = {
  selectorMismatch: "I01",
  namespaceMismatch: "I02",
  injectionPaused: "I03",
  namespaceExcluded: "I05",
  canaryWins: "I07",
  otherRevision: "I08",
  staticPod: "I09",
  injectionRejected: "I11",
  optedOut: "I12",
  injectionStopped: "I13",
} as const;

export interface InjectionReason {
  readonly code: (typeof CODES)[keyof typeof CODES];
  readonly because: keyof typeof CODES;
  /** What was found and what was expected, for people. */
  readonly message: string;
}

export function injectionReason(because: InjectionReason["because"], message: string): InjectionReason {
  return { code: CODES[because], because, message };
}

/** Why a pod that a SidecarSet selects cannot get its sidecars. Whether the pod is refused is for the set's failure policy. */
export interface InjectionError {
  readonly sidecarSet: string;
  readonly reason: InjectionReason;
  /** Path in the SidecarSet or in the pod that has to change. */
  readonly field: string;
}

export function rejection(sidecarSet: string, field: string, message: string): InjectionError {
  return { sidecarSet, field, reason: injectionReason("injectionRejected", message) };
}

/** The same text whether the pod is refused or only warned about. */
export function rejectionText({ sidecarSet, field, reason }: InjectionError): string {
  return `SidecarSet ${sidecarSet} cannot be injected (${reason.code}): ${field}: ${reason.message}`;
}
