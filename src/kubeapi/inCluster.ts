import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isIPv6 } from "node:net";
import { join } from "node:path";
import { AccessError, type AccessSource } from "./access.ts";

const SERVICE_ACCOUNT_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";

type Variables = Readonly<Record<string, string | undefined>>;

/** Whether this process runs in a pod with a service account. */
export function isInCluster(variables: Variables, folder = SERVICE_ACCOUNT_FOLDER): boolean {
  return Boolean(variables.KUBERNETES_SERVICE_HOST) && existsSync(join(folder, "token"));
}

/**
 * Access as the pod's service account. The kubelet renews the token file and the authority's certificate, so both are read afresh each time.
 * @throws AccessError when the process does not run in a pod
 */
export function inClusterAccess(variables: Variables, folder = SERVICE_ACCOUNT_FOLDER): AccessSource {
  const host = variables.KUBERNETES_SERVICE_HOST;
  const port = variables.KUBERNETES_SERVICE_PORT ?? "443";
  if (!host)
    throw new AccessError("not in a cluster: KUBERNETES_SERVICE_HOST is not set; name a file with --kubeconfig");
  return {
    description: `service account in ${folder}`,
    async read() {
      const [token, ca] = await Promise.all([readMounted(folder, "token"), readMounted(folder, "ca.crt")]);
      return {
        server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
        tls: { ca },
        headers: { Authorization: `Bearer ${token.trim()}` },
      };
    },
  };
}

async function readMounted(folder: string, file: string): Promise<string> {
  const path = join(folder, file);
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new AccessError(`${path} cannot be read; is a service account mounted into the pod?`, error);
  }
}
