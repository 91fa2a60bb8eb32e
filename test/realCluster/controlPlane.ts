import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ResourceType } from "../../src/cluster/resource.ts";
import { connect } from "../../src/kubeapi/connect.ts";
import { freePorts } from "../freePorts.ts";
import type { Binaries } from "./binaries.ts";
import { type Component, startComponent } from "./component.ts";
import { type CredentialFiles, writeCredentials } from "./credentials.ts";

/** Where a control plane stands. */
export interface Site {
  /** Its API server listens there; nodes and webhooks know it by this address. */
  readonly address: string;
  /** Nodes send heartbeats and are judged by them. Otherwise nobody is evicted from nodes that are played. */
  readonly realNodes: boolean;
  /** Of its API server, besides those that every one has. */
  readonly apiServerFlags?: readonly string[];
}

/** A running etcd, kube-apiserver, kube-controller-manager and kube-scheduler, without any node. */
export interface ControlPlane {
  readonly server: string;
  /** Of a user who may do everything. */
  readonly kubeconfig: string;
  /** Of the kubelet of the node `NODE_NAME`. */
  readonly kubeletKubeconfig: string;
  readonly kubectl: string;
  readonly logFolder: string;
  /** Kills the API server without a word. */
  killApiServer(): Promise<void>;
  /** Starts it again where it was; settles when it answers. @param more flags of this start */
  startApiServer(...more: readonly string[]): Promise<void>;
  /** Ends every program and removes the data; the logs stay. */
  stop(): Promise<void>;
}

const ALONE: Site = { address: "127.0.0.1", realNodes: false };
const READY_WITHIN_MS = 60_000;
const SERVICE_ACCOUNTS: ResourceType = {
  group: "",
  version: "v1",
  kind: "ServiceAccount",
  plural: "serviceaccounts",
  namespaced: true,
};

/** Starts it on free ports, with its data in memory where there is a tmpfs; ready when pods can be created. */
export async function startControlPlane(
  binaries: Binaries,
  site: Site = ALONE,
  logFolder: string = mkdtempSync(join(tmpdir(), "real-cluster-logs-")),
): Promise<ControlPlane> {
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "real-cluster-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const running: Component[] = [];
  const stop = async (): Promise<void> => {
    for (const component of running.splice(0).reverse()) await component.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const start = (name: keyof Binaries, args: readonly string[]): Component => {
    const component = startComponent(name, binaries[name], args, logFolder);
    running.push(component);
    return component;
  };
  try {
    const [clientPort, peerPort, apiPort] = await freePorts(3);
    const server = `https://${site.address}:${apiPort}`;
    const files = await writeCredentials(folder, server);
    start("etcd", etcdArguments(join(folder, "etcd"), clientPort!, peerPort!));
    const { apiServerFlags = [] } = site;
    const startApiServer = (...more: readonly string[]) =>
      start("kube-apiserver", [...apiServerArguments(files, clientPort!, new URL(server)), ...apiServerFlags, ...more]);
    const reached = () => waitFor(() => connect({ kubeconfig: files.adminKubeconfig, variables: {} }), running);
    let apiServer = startApiServer();
    const api = await reached();
    start("kube-controller-manager", controllerManagerArguments(files, site));
    start("kube-scheduler", schedulerArguments(files));
    await waitFor(() => api.get(SERVICE_ACCOUNTS, { namespace: "default", name: "default" }), running);
    await api.close();
    const { adminKubeconfig: kubeconfig, kubeletKubeconfig } = files;
    return {
      ...{ server, kubeconfig, kubeletKubeconfig, kubectl: binaries.kubectl, logFolder, stop },
      async killApiServer() {
        running.splice(running.indexOf(apiServer), 1);
        await apiServer.kill();
      },
      async startApiServer(...more) {
        apiServer = startApiServer(...more);
        await (await reached()).close();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function etcdArguments(dataFolder: string, clientPort: number, peerPort: number): string[] {
  const client = `http://127.0.0.1:${clientPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  return [
    `--data-dir=${dataFolder}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    "--unsafe-no-fsync",
    "--log-level=warn",
  ];
}

function apiServerArguments(files: CredentialFiles, etcdPort: number, server: URL): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    `--bind-address=${server.hostname}`,
    `--secure-port=${server.port}`,
    "--endpoint-reconciler-type=none",
    "--service-cluster-ip-range=10.0.0.0/24",
    "--authorization-mode=Node,RBAC",
    "--allow-privileged=true",
    `--client-ca-file=${files.authority}`,
    `--tls-cert-file=${files.serverCertificate}`,
    `--tls-private-key-file=${files.serverKey}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${files.serviceAccountKey}`,
    `--service-account-signing-key-file=${files.serviceAccountKey}`,
  ];
}

function controllerManagerArguments(files: CredentialFiles, { realNodes }: Site): string[] {
  const off = [
    ...(realNodes ? [] : ["node-lifecycle-controller"]),
    "node-ipam-controller",
    "persistentvolume-attach-detach-controller",
    "persistentvolume-binder-controller",
  ];
  return [
    ...asUser(files.controllerManagerKubeconfig),
    "--leader-elect=false",
    "--secure-port=0",
    `--service-account-private-key-file=${files.serviceAccountKey}`,
    `--root-ca-file=${files.authority}`,
    `--controllers=*,${off.map((name) => `-${name}`).join(",")}`,
    "--use-service-account-credentials=true",
    "--node-monitor-period=1s",
    // A played node beside a real one never sends a heartbeat.
    "--node-monitor-grace-period=10m",
    "--kube-api-qps=300",
    "--kube-api-burst=600",
  ];
}

function schedulerArguments(files: CredentialFiles): string[] {
  return [
    ...asUser(files.schedulerKubeconfig),
    "--leader-elect=false",
    "--secure-port=0",
    "--kube-api-qps=300",
    "--kube-api-burst=600",
  ];
}

function asUser(kubeconfig: string): string[] {
  return ["kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig"].map(
    (flag) => `--${flag}=${kubeconfig}`,
  );
}

/** Tries until it works; fails at once when one of the programs has ended. */
export async function waitFor<T>(attempt: () => Promise<T>, running: readonly Component[]): Promise<T> {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      for (const component of running) component.assertRunning();
      if (Date.now() > deadline) throw new Error(`not ready within ${READY_WITHIN_MS / 1000} s`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
