import { APP_VERSION, isGiven, type Node, spread, text, value, when } from "../slots.ts";

/** One container that runs our program, as little trusted as the pod security standard "restricted" wants it. */
export function container(name: string, fields: Readonly<Record<string, Node>>): Node {
  const digest = value("image.digest");
  const tag = when(isGiven("image.tag"), value("image.tag"), APP_VERSION);
  return {
    name,
    image: text`${value("image.repository")}${when(isGiven("image.digest"), text`@${digest}`, text`:${tag}`)}`,
    imagePullPolicy: value("image.pullPolicy"),
    ...fields,
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
  };
}

/** What pods of ours have in common. */
export const POD_SPEC: Readonly<Record<string, Node>> = {
  imagePullSecrets: when(isGiven("imagePullSecrets"), value("imagePullSecrets")),
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 65532,
    runAsGroup: 65532,
    seccompProfile: { type: "RuntimeDefault" },
  },
  nodeSelector: when(isGiven("nodeSelector"), value("nodeSelector")),
  tolerations: when(isGiven("tolerations"), value("tolerations")),
};

/** The namespace that the pod runs in, for a flag: kustomize changes it in one place. */
export const OWN_NAMESPACE: Node = {
  name: "POD_NAMESPACE",
  valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } },
};
export const SYSTEM_NAMESPACE_FLAG = "--system-namespace=$(POD_NAMESPACE)";
export const EXTRA_ENV = spread("extraEnv");
