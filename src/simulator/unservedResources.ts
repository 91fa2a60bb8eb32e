/**
 * Parts of Kubernetes that exist and that this server does not have: asking for them is answered with 501 and their name, so that nobody
 * takes an empty list for the truth. Groups not named here are unknown, and unknown is 404 as on any server.
 */
const UNSERVED: Readonly<Record<string, readonly string[]>> = {
  "": [
    "bindings",
    "componentstatuses",
    "endpoints",
    "persistentvolumeclaims",
    "persistentvolumes",
    "podtemplates",
    "replicationcontrollers",
    "services",
  ],
  batch: ["cronjobs"],
  autoscaling: ["horizontalpodautoscalers"],
  policy: ["poddisruptionbudgets"],
  "networking.k8s.io": ["ingressclasses", "ingresses", "networkpolicies"],
  "rbac.authorization.k8s.io": ["clusterrolebindings", "clusterroles", "rolebindings", "roles"],
  "storage.k8s.io": ["csidrivers", "csinodes", "storageclasses", "volumeattachments"],
  "scheduling.k8s.io": ["priorityclasses"],
  "node.k8s.io": ["runtimeclasses"],
  "discovery.k8s.io": ["endpointslices"],
  "events.k8s.io": ["events"],
  "certificates.k8s.io": ["certificatesigningrequests"],
  "apiregistration.k8s.io": ["apiservices"],
  "admissionregistration.k8s.io": ["validatingadmissionpolicies", "validatingadmissionpolicybindings"],
  "resource.k8s.io": ["deviceclasses", "resourceclaims", "resourceclaimtemplates", "resourceslices"],
  "flowcontrol.apiserver.k8s.io": ["flowschemas", "prioritylevelconfigurations"],
};

export function isUnserved(group: string, plural: string): boolean {
  return UNSERVED[group]?.includes(plural) ?? false;
}
