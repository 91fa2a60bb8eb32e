import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { objectsOf } from "../../generate/install/installation.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import { realKubeconfig, realKubectl } from "./kubeconfigOfRun.ts";
import { MANAGER_ACCOUNT } from "./misusedRights.ts";
import { kubeconfigOf, kubectl } from "./serviceAccounts.ts";

const folder = mkdtempSync(join(tmpdir(), "manager-account-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const kubeconfigs = new Map<string, Promise<string>>();

/** The manager as it is installed: a kubeconfig of its service account in that namespace, which exists, with its rights and no others. */
export function managerKubeconfig(systemNamespace: string): Promise<string> {
  const known = kubeconfigs.get(systemNamespace) ?? makeAccount(systemNamespace);
  kubeconfigs.set(systemNamespace, known);
  return known;
}

async function makeAccount(namespace: string): Promise<string> {
  const world = { kubeconfig: realKubeconfig(), kubectl: realKubectl() };
  const rights = objectsOf(["rights.yaml"], { namespace }) as unknown as readonly KubeObject[];
  const items = rights.map((object) => boundApart(object, namespace));
  await kubectl(world, ["apply", "-f", "-"], { input: JSON.stringify({ apiVersion: "v1", kind: "List", items }) });
  return kubeconfigOf(world, { namespace, name: MANAGER_ACCOUNT }, folder);
}

/** Stories have managers in namespaces of their own: none may take the binding of another. */
function boundApart(object: KubeObject, namespace: string): KubeObject {
  const { kind, metadata } = object;
  if (!kind?.endsWith("Binding") || metadata.namespace === namespace) return object;
  return { ...object, metadata: { ...metadata, name: `${metadata.name}-of-${namespace}` } };
}
