import { createSecureServer } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { KeyPair } from "../../certificate/authority.ts";
import type { ApiServer } from "../apiServer.ts";
import { answerRequest } from "./answerRequest.ts";
import type { AuthenticationSettings } from "./authentication.ts";
import { sendError } from "./respond.ts";

export interface HttpsSettings extends AuthenticationSettings {
  /** 0: any free port. */
  readonly port: number;
  readonly certificate: KeyPair;
  readonly host?: string;
}

export interface HttpsDoor {
  readonly url: string;
  readonly port: number;
  /** Ends all watches and connections. */
  close(): Promise<void>;
}

/** Opens the API server to kubectl and every other client: HTTP/1.1 and HTTP/2 over TLS. Rejects when the port is taken. */
export async function serveHttps(apiServer: ApiServer, settings: HttpsSettings): Promise<HttpsDoor> {
  const { host = "127.0.0.1", port, certificate, clientAuthority } = settings;
  const { log } = apiServer.environment;
  const sockets = new Set<Socket>();
  const server = createSecureServer(
    {
      allowHTTP1: true,
      cert: certificate.certificate,
      key: certificate.privateKey,
      ...(clientAuthority === undefined ? {} : { ca: clientAuthority, requestCert: true, rejectUnauthorized: false }),
    },
    (request, response) => {
      answerRequest(apiServer, request, response, settings).catch((error: unknown) =>
        sendError(response, error, { accept: request.headers.accept, log }),
      );
    },
  );
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("sessionError", () => {});
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `https://${host}:${address.port}`,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        apiServer.close();
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code !== "EADDRINUSE") return error;
  return new Error(`port ${port} on ${host} is in use: choose another one, or 0 for any free port`, { cause: error });
}
