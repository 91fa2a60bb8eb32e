import {
  certificateData,
  type Damage,
  KEYS,
  readCertificateData,
  type SecretData,
} from "../../certificate/certificateData.ts";
import type { CertificateState } from "../../certificate/certificateState.ts";
import type { Cluster, ObjectName } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import { SECRETS } from "../../cluster/resource.ts";
import type { KubeObject } from "../../core/kube/object.ts";
import { err, type Result } from "../../core/result.ts";

export interface Secret extends KubeObject {
  readonly type?: string;
  readonly data?: SecretData;
}

export type SecretName = Required<ObjectName>;

export function textOfName({ namespace, name }: SecretName): string {
  return `${namespace}/${name}`;
}

/** @returns undefined when there is none */
export async function findSecret(cluster: Cluster, name: SecretName): Promise<Secret | undefined> {
  try {
    return await cluster.get<Secret>(SECRETS, name);
  } catch (error) {
    if (isClusterError(error, "notFound")) return undefined;
    throw error;
  }
}

export function readSecret(secret: Secret | undefined): Result<CertificateState, Damage> {
  if (secret === undefined) return err({ reason: "secretMissing", message: "there is no such Secret" });
  return readCertificateData(secret.data ?? {});
}

/** One write, refused when the Secret is not what was read any more. What else somebody keeps in it stays. */
export async function writeSecret(
  cluster: Cluster,
  name: SecretName,
  { before, state }: { readonly before: Secret | undefined; readonly state: CertificateState },
): Promise<Secret> {
  const data = certificateData(state);
  if (before === undefined) {
    const secret = { apiVersion: "v1", kind: "Secret", metadata: name, type: "kubernetes.io/tls", data };
    return cluster.create<Secret>(SECRETS, secret);
  }
  const others = Object.entries(before.data ?? {}).filter(([key]) => !OURS.has(key));
  return cluster.update<Secret>(SECRETS, { ...before, data: { ...Object.fromEntries(others), ...data } });
}

const OURS: ReadonlySet<string> = new Set(
  Object.values(KEYS).flatMap((keys) => (typeof keys === "string" ? [keys] : Object.values(keys))),
);
