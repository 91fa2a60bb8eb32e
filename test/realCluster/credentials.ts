import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createAuthority, issueLeaf, type KeyPair } from "../../src/certificate/authority.ts";

/** Files the programs of a control plane are started with, all in one folder. */
export interface CredentialFiles {
  readonly authority: string;
  readonly serverCertificate: string;
  readonly serverKey: string;
  readonly serviceAccountKey: string;
  readonly adminKubeconfig: string;
  readonly controllerManagerKubeconfig: string;
  readonly schedulerKubeconfig: string;
  readonly kubeletKubeconfig: string;
}

/** Its kubelet may use the API for this node only. */
export const NODE_NAME = "node-1";

export async function writeCredentials(folder: string, server: string): Promise<CredentialFiles> {
  const now = Date.now();
  const authority = await createAuthority({ commonName: "real-cluster", now });
  const serving = await issueLeaf(authority, {
    commonName: "kube-apiserver",
    usage: "server",
    dnsNames: ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"],
    ipAddresses: [...new Set(["127.0.0.1", "10.0.0.1", new URL(server).hostname])],
    now,
  });
  const write = async (name: string, content: string): Promise<string> => {
    await writeFile(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  const writeKubeconfig = async (user: string, organizations: readonly string[]): Promise<string> => {
    const client = await issueLeaf(authority, { commonName: user, organizations, usage: "client", now });
    return write(`${user.replaceAll(":", "-")}.kubeconfig`, kubeconfig(server, authority.certificate, client));
  };
  return {
    authority: await write("ca.crt", authority.certificate),
    serverCertificate: await write("server.crt", serving.certificate),
    serverKey: await write("server.key", serving.privateKey),
    serviceAccountKey: await write("service-account.key", rsaKey()),
    adminKubeconfig: await writeKubeconfig("admin", ["system:masters"]),
    controllerManagerKubeconfig: await writeKubeconfig("system:kube-controller-manager", []),
    schedulerKubeconfig: await writeKubeconfig("system:kube-scheduler", []),
    kubeletKubeconfig: await writeKubeconfig(`system:node:${NODE_NAME}`, ["system:nodes"]),
  };
}

/** Service account tokens are signed with RSA. */
function rsaKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return privateKey.export({ type: "pkcs1", format: "pem" }) as string;
}

function kubeconfig(server: string, authority: string, client: KeyPair): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "real-cluster",
    contexts: [{ name: "real-cluster", context: { cluster: "real-cluster", user: "user" } }],
    clusters: [{ name: "real-cluster", cluster: { server, "certificate-authority-data": base64(authority) } }],
    users: [
      {
        name: "user",
        user: {
          "client-certificate-data": base64(client.certificate),
          "client-key-data": base64(client.privateKey),
        },
      },
    ],
  });
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
