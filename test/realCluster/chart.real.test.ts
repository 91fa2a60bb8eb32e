import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MANIFESTS, objectsOf } from "../../generate/install/installation.ts";
import { type Helm, startHelm } from "../helm/helm.ts";
import { certManager, everything, nothing } from "./chartValues.ts";
import { byName, documents } from "./manifestObjects.ts";

const CHART = resolve(import.meta.dirname, "../../deploy/chart");
/** The first time helm is built. */
const PATIENCE_MS = 600_000;
const PROMETHEUS = ["monitoring.coreos.com/v1/ServiceMonitor", "monitoring.coreos.com/v1/PrometheusRule"];

const folder = mkdtempSync(join(tmpdir(), "chart-"));
let helm: Helm;

beforeAll(async () => {
  helm = await startHelm(folder);
}, PATIENCE_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the chart", { timeout: PATIENCE_MS }, () => {
  it("passes helm's own checks", async () => {
    expect(await helm("lint", "--strict", CHART)).toContain("0 chart(s) failed");
  });

  it.each([
    { how: "as it comes", values: {}, apis: [] },
    { how: "beside the Prometheus operator", values: {}, apis: PROMETHEUS },
    { how: "with everything", values: everything(), apis: [] },
    { how: "with as little as possible", values: nothing(), apis: PROMETHEUS },
    { how: "with cert-manager", values: certManager(), apis: [] },
  ])("renders what its source does, $how", async ({ values, apis }) => {
    const path = join(folder, "values.json");
    writeFileSync(path, JSON.stringify(values));
    const more = apis.flatMap((api) => ["--api-versions", api]);
    const rendered = await helm("template", "sidecarset", CHART, "-n", "any", "-f", path, ...more);
    const expected = objectsOf(Object.keys(MANIFESTS), { namespace: "any", values, apis });
    expect(byName(documents(rendered))).toEqual(byName(expected));
  });

  it.each([
    ["replicas=two", "at '/replicas': got string, want integer"],
    ["webhook.defaultFailurePolicy=Open", "at '/webhook/defaultFailurePolicy': value must be one of 'Fail', 'Ignore'"],
    ["webook.port=1", "additional properties 'webook' not allowed"],
    ["image.repository=a b", "at '/image/repository': 'a b' does not match pattern"],
    ["webhook.excludedNamespaces={Bad_Name}", "at '/webhook/excludedNamespaces/0': 'Bad_Name' does not match pattern"],
  ])("refuses %s and says where and why", async (setting, why) => {
    const refused = await helm("template", "sidecarset", CHART, "--set", setting).then(String, String);
    expect(refused).toContain(why);
  });
});
