import type { JsonObject } from "../../../src/core/kube/object.ts";
import {
  all,
  any,
  type Condition,
  file,
  is,
  isTrue,
  NAMESPACE,
  type Node,
  SPREAD,
  serves,
  spread,
  value,
  when,
} from "../slots.ts";
import { labelled, selectedBy } from "./labels.ts";

const PROMETHEUS = "monitoring.coreos.com/v1";
const COMPONENT = "monitoring";
export const BOARD_FILE = "files/board.json";

/** For Prometheus and Grafana. @param alerts content of the rule file */
export function monitoring(alerts: JsonObject): readonly Node[] {
  return [
    when(wanted("metrics.serviceMonitor", "ServiceMonitor"), {
      apiVersion: PROMETHEUS,
      kind: "ServiceMonitor",
      metadata: named("sidecarset-manager", "metrics.serviceMonitor.labels"),
      spec: {
        selector: { matchLabels: { ...selectedBy("manager"), "sidecarset.kruise.io/service": "health" } },
        namespaceSelector: { matchNames: [NAMESPACE] },
        endpoints: [{ port: "health", path: "/metrics", interval: value("metrics.serviceMonitor.interval") }],
      },
    }),
    when(wanted("metrics.prometheusRule", "PrometheusRule"), {
      apiVersion: PROMETHEUS,
      kind: "PrometheusRule",
      metadata: named("sidecarset", "metrics.prometheusRule.labels"),
      spec: alerts as Node,
    }),
    when(isTrue("metrics.grafanaDashboard.enabled"), {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: named("sidecarset-board", "metrics.grafanaDashboard.labels"),
      data: { "sidecarset.json": file(BOARD_FILE) },
    }),
  ];
}

function wanted(path: string, kind: string): Condition {
  const enabled = `${path}.enabled`;
  return any(is(enabled, "true"), all(is(enabled, "auto"), serves(`${PROMETHEUS}/${kind}`)));
}

function named(name: string, labels: string): Node {
  return { name, namespace: NAMESPACE, labels: { ...labelled(COMPONENT), [SPREAD]: spread(labels) } };
}
