import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

export interface ConnectProxy {
  readonly url: string;
  /** What was asked to be connected: `api.example:443`. */
  readonly targets: readonly string[];
  /** Of those who asked, as sent. */
  readonly credentials: readonly (string | undefined)[];
  close(): void;
}

/** An HTTP proxy that lets everybody through to one port of this machine, whatever name they ask for. */
export async function startConnectProxy(port: number): Promise<ConnectProxy> {
  const targets: string[] = [];
  const credentials: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on("connect", (request, client: Socket, head) => {
    targets.push(request.url ?? "");
    credentials.push(request.headers["proxy-authorization"]);
    const behind = connect(port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      behind.write(head);
      behind.pipe(client).pipe(behind);
    });
    for (const socket of [client, behind]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    targets,
    credentials,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
