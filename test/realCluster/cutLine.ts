import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

interface Kubeconfig {
  readonly clusters: readonly { readonly name: string; readonly cluster: Readonly<Record<string, unknown>> }[];
}

/**
 * A line to the API server that can be cut: connections stay open and nothing comes through any more, in neither direction, as when a
 * switch dies. Healed, the connections of before are gone.
 */
export class CutLine {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #cut = false;

  static async to(url: URL): Promise<CutLine> {
    const line = new CutLine(url);
    await new Promise<void>((resolve) => line.#server.listen(0, "127.0.0.1", resolve));
    return line;
  }

  private constructor({ hostname, port }: URL) {
    this.#server = createServer((near) => {
      const far = connect(Number(port), hostname);
      const pair = [near, far] as const;
      this.#pairs.add(pair);
      for (const [from, to] of [pair, [far, near] as const]) {
        from.on("data", (bytes) => void (this.#cut || to.write(bytes)));
        from.on("end", () => void (this.#cut || to.end()));
        from.on("error", () => {});
        from.on("close", () => {
          if (this.#cut) return;
          to.destroy();
          this.#pairs.delete(pair);
        });
      }
    });
  }

  /** @param path where the kubeconfig is written that leads through this line */
  async kubeconfig(original: string, path: string): Promise<string> {
    const known = JSON.parse(await readFile(original, "utf8")) as Kubeconfig;
    const { port } = this.#server.address() as AddressInfo;
    const server = `https://127.0.0.1:${port}`;
    const clusters = known.clusters.map((one) => ({ ...one, cluster: { ...one.cluster, server } }));
    writeFileSync(path, JSON.stringify({ ...known, clusters }), { mode: 0o600 });
    return path;
  }

  cut(): void {
    this.#cut = true;
  }

  heal(): void {
    this.#cut = false;
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
    this.#pairs.clear();
  }

  close(): Promise<void> {
    this.heal();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
