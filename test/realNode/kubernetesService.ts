import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { promisify } from "node:util";

/** First of the range of Services: pods find the API server there. */
const ADDRESS = "10.0.0.1";
const PORT = 443;

/**
 * What kube-proxy does for the one Service that pods of the node call: connections to its address reach the API server. The way from the
 * API server to Services is its own affair (`--enable-aggregator-routing`): it looks their endpoints up.
 */
export async function serveKubernetesService(apiServer: URL): Promise<Server> {
  await promisify(execFile)("ip", ["address", "add", `${ADDRESS}/32`, "dev", "lo"]);
  const relay = createServer((client) => {
    const upstream = connect(Number(apiServer.port), apiServer.hostname);
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    client.on("error", end).on("close", end);
    upstream.on("error", end).on("close", end);
    client.pipe(upstream).pipe(client);
  });
  relay.listen(PORT, ADDRESS);
  await once(relay, "listening");
  return relay;
}
