import {
  all,
  any,
  type Condition,
  is,
  isGiven,
  isTrue,
  NAMESPACE,
  type Node,
  serves,
  spread,
  text,
  value,
  when,
} from "../slots.ts";
import { labelled } from "./labels.ts";
import { HEALTH_PORT, MANAGER_PODS, WEBHOOK_SERVICE } from "./manager.ts";

const LABELS = labelled("manager");
const FLOW = "sidecarset-manager";

/** API servers are no pods: the webhook's port is open to everybody, all else to those who are named. */
const networkPolicy: Node = {
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "sidecarset-manager", namespace: NAMESPACE, labels: LABELS },
  spec: {
    podSelector: { matchLabels: MANAGER_PODS },
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      { ports: [{ port: "webhook", protocol: "TCP" }] },
      when(isGiven("networkPolicy.metricsNamespaces"), {
        from: [{ namespaceSelector: { matchExpressions: [namedIn("networkPolicy.metricsNamespaces")] } }],
        ports: [{ port: HEALTH_PORT, protocol: "TCP" }],
      }),
    ],
    egress: [
      { ports: (["UDP", "TCP"] as const).map((protocol) => ({ port: 53, protocol })) },
      { ports: value("networkPolicy.apiServerPorts") },
      spread("networkPolicy.extraEgress"),
    ],
  },
};

function namedIn(path: string): Node {
  return { key: "kubernetes.io/metadata.name", operator: "In", values: value(path) };
}

const FLOW_CONTROL_APIS = ["v1", "v1beta3"].map((version) => `flowcontrol.apiserver.k8s.io/${version}`) as [
  string,
  string,
];
const isFlowControlled: Condition = all(isTrue("flowControl.enabled"), any(...FLOW_CONTROL_APIS.map(serves)));
const flowControlVersion: Node = when(serves(FLOW_CONTROL_APIS[0]), ...FLOW_CONTROL_APIS);

/** Its own queue at the API server, ahead of the one for all service accounts. */
const flowControl: readonly Node[] = [
  {
    apiVersion: flowControlVersion,
    kind: "PriorityLevelConfiguration",
    metadata: { name: FLOW, labels: LABELS },
    spec: {
      type: "Limited",
      limited: {
        nominalConcurrencyShares: value("flowControl.shares"),
        lendablePercent: 50,
        limitResponse: { type: "Queue", queuing: { queues: 16, handSize: 4, queueLengthLimit: 200 } },
      },
    },
  },
  {
    apiVersion: flowControlVersion,
    kind: "FlowSchema",
    metadata: { name: FLOW, labels: LABELS },
    spec: {
      priorityLevelConfiguration: { name: FLOW },
      matchingPrecedence: 1000,
      distinguisherMethod: { type: "ByUser" },
      rules: [
        {
          subjects: [
            { kind: "ServiceAccount", serviceAccount: { name: value("serviceAccount.name"), namespace: NAMESPACE } },
          ],
          resourceRules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"], clusterScope: true, namespaces: ["*"] }],
        },
      ],
    },
  },
];

/** cert-manager makes the certificate and renews it; `ca.crt` of the Secret is what we register. */
const certificate: Node = {
  apiVersion: "cert-manager.io/v1",
  kind: "Certificate",
  metadata: { name: WEBHOOK_SERVICE, namespace: NAMESPACE, labels: LABELS },
  spec: {
    secretName: value("webhook.certificate.secretName"),
    issuerRef: value("webhook.certificate.issuerRef"),
    dnsNames: ["svc", "svc.cluster.local"].map((domain) => text`${WEBHOOK_SERVICE}.${NAMESPACE}.${domain}`),
    privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
  },
};

export const FLOW_CONTROL: readonly Node[] = flowControl.map((object) => when(isFlowControlled, object));

/** What stands around the managers in their namespace. */
export const SURROUNDINGS: readonly Node[] = [
  when(isTrue("networkPolicy.enabled"), networkPolicy),
  when(is("webhook.certificate.mode", "certManager"), certificate),
];
