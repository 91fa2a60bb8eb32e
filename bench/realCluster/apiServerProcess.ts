import { readdirSync, readFileSync } from "node:fs";

/** The kube-apiserver that this process has started. */
export function apiServerPid(): number {
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const status = readFileSync(`/proc/${entry}/status`, "utf8");
      if (!status.startsWith("Name:\tkube-apiserver")) continue;
      if (new RegExp(`^PPid:\\s+${process.pid}$`, "m").test(status)) return Number(entry);
    } catch {
      // It has ended meanwhile.
    }
  }
  throw new Error("no kube-apiserver has been started by this process");
}
