/** Our webhook in a process of its own, 3 SidecarSets known. */
import { systemClock } from "../src/cluster/environment.ts";
import { startWebhookServer } from "../src/webhook/server.ts";
import { knownObjects, knownSidecarSets } from "./knownObjects.ts";
import type { ServerAnswer, ServerOrder } from "./overHttps.ts";

process.once("message", (certificate: ServerOrder) => void serve(certificate));

async function serve(certificate: ServerOrder): Promise<void> {
  const { port } = await startWebhookServer({
    host: "127.0.0.1",
    port: 0,
    certificate,
    copies: knownObjects(knownSidecarSets(3)),
    cluster: { get: () => Promise.reject(new Error("admission asked the network")) },
    environment: { clock: systemClock, random: Math.random, log: console.error },
    systemNamespace: "kruise-system",
  });
  tell({ port });
  process.on("message", () => {
    globalThis.gc?.();
    const { user, system } = process.cpuUsage();
    tell({ cpuMs: (user + system) / 1000, heapMb: process.memoryUsage().heapUsed / 1024 / 1024 });
  });
}

function tell(answer: ServerAnswer): void {
  process.send!(answer);
}
