import { SELF_TEST_LABEL, SELF_TEST_PROOF, SELF_TEST_TOKEN } from "../../../src/core/sidecarSet/annotations.ts";
import { REMOVAL, REMOVAL_GRANTS } from "../rights.ts";
import { isTrue, NAMESPACE, type Node, when } from "../slots.ts";
import { container, OWN_NAMESPACE, POD_SPEC, SYSTEM_NAMESPACE_FLAG } from "./container.ts";
import { labelled } from "./labels.ts";
import { roleAndBinding } from "./rights.ts";

/** Helm runs the rights first, then the Job, and removes all of it when it has succeeded. */
function beforeRemoval(weight: number): { readonly annotations: Node } {
  return {
    annotations: {
      "helm.sh/hook": "pre-delete",
      "helm.sh/hook-weight": String(weight),
      "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
    },
  };
}

const metadata = { name: REMOVAL, namespace: NAMESPACE, labels: labelled("removal") };

/**
 * While managers still run, the registration goes, and they are told not to bring it back: from then on no pod depends on us. The
 * ConfigMap that tells them goes with the release, after their rights.
 */
const removal: readonly Node[] = [
  { apiVersion: "v1", kind: "ServiceAccount", metadata: { ...metadata, ...beforeRemoval(-10) } },
  ...REMOVAL_GRANTS.flatMap((grant) => roleAndBinding(grant, beforeRemoval(-5))),
  {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { ...metadata, ...beforeRemoval(0) },
    spec: {
      backoffLimit: 3,
      activeDeadlineSeconds: 120,
      template: {
        metadata: { labels: labelled("removal") },
        spec: {
          serviceAccountName: REMOVAL,
          ...POD_SPEC,
          restartPolicy: "Never",
          containers: [
            container("unregister", {
              args: ["unregister", SYSTEM_NAMESPACE_FLAG, "--reason=uninstalled by Helm"],
              env: [OWN_NAMESPACE],
            }),
          ],
        },
      },
    },
  },
];

const TOKEN = "--version";

/**
 * `helm test`: a pod that ends well only where the API server has sent it to the webhook. What it runs is the token that the webhook has
 * copied into the annotation of the proof; without the webhook it runs a verb without a name, and fails.
 */
const test: Node = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: "sidecarset-test",
    namespace: NAMESPACE,
    labels: { ...labelled("test"), [SELF_TEST_LABEL]: "true" },
    annotations: {
      "helm.sh/hook": "test",
      "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
      [SELF_TEST_TOKEN]: TOKEN,
    },
  },
  spec: {
    ...POD_SPEC,
    automountServiceAccountToken: false,
    restartPolicy: "Never",
    containers: [
      container("webhook", {
        args: ["$(PROOF)"],
        env: [{ name: "PROOF", valueFrom: { fieldRef: { fieldPath: `metadata.annotations['${SELF_TEST_PROOF}']` } } }],
      }),
    ],
  },
};

/** What only Helm knows. */
export const HOOKS: readonly Node[] = [...removal.map((object) => when(isTrue("uninstall.unregister"), object)), test];
