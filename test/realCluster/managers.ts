import { type RunningManager, startManagerProcess } from "../program/managedCluster.ts";
import { managerKubeconfig } from "./managerAccount.ts";

/** Managers that run as processes of their own against the real control plane and share one Lease. */
export class Managers {
  readonly leaseSeconds: number;
  readonly #systemNamespace: string;
  readonly #running = new Set<RunningManager>();

  constructor(systemNamespace: string, leaseSeconds = 3) {
    this.#systemNamespace = systemNamespace;
    this.leaseSeconds = leaseSeconds;
  }

  /** @param kubeconfig by which this one reaches the API server; left out: as the service account that it has in its namespace */
  async start(kubeconfig?: string): Promise<RunningManager> {
    const flags = ["--system-namespace", this.#systemNamespace, "--lease-duration", String(this.leaseSeconds)];
    const manager = await startManagerProcess(kubeconfig ?? (await managerKubeconfig(this.#systemNamespace)), flags);
    this.#running.add(manager);
    void manager.ended.then(() => this.#running.delete(manager));
    return manager;
  }

  get running(): readonly RunningManager[] {
    return [...this.#running];
  }

  /** The one that said last that it leads, of those that have not lost the lease since. */
  get leader(): RunningManager {
    const leaders = this.running.filter(leads);
    if (leaders.length !== 1) throw new Error(`${leaders.length} of ${this.running.length} managers lead`);
    return leaders[0]!;
  }

  /** Kills the leader without a word. @returns when, in milliseconds since the epoch */
  async killLeader(): Promise<number> {
    const { leader } = this;
    const killedAt = Date.now();
    leader.process.kill("SIGKILL");
    await leader.ended;
    return killedAt;
  }

  /** Who has begun to lead since then, and leads; on a slow machine the lease may have gone from hand to hand before. */
  heirSince(moment: number): RunningManager | undefined {
    return this.running.find((manager) => leads(manager) && leadsSince(manager) >= moment);
  }

  leads(manager: RunningManager): boolean {
    return leads(manager);
  }

  /** How often one of them has begun to lead since then. */
  termsSince(moment: number): number {
    const begun = this.running.flatMap((manager) => manager.log().filter(({ message }) => message === "leading"));
    return begun.filter(({ time }) => Date.parse(time) > moment).length;
  }

  async close(): Promise<void> {
    for (const { process } of this.#running) {
      process.kill("SIGCONT");
      process.kill("SIGTERM");
    }
    await Promise.all(this.running.map(({ ended }) => ended));
  }
}

function leads(manager: RunningManager): boolean {
  const last = manager
    .log()
    .findLast(({ message }) => /^(leading|following|the lease is lost|stopping)$/.test(message));
  return last?.message === "leading";
}

/** When it said last that it leads, in milliseconds since the epoch. */
export function leadsSince(manager: RunningManager): number {
  const line = manager.log().findLast(({ message }) => message === "leading");
  return line ? Date.parse(line.time) : Number.POSITIVE_INFINITY;
}
