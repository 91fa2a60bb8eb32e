import type { Socket } from "node:net";
import { buildConnector } from "undici";

type Connector = buildConnector.connector;

/**
 * Opens connections that are reset, not closed, when they end by an error of ours: a request that is given up. What closing leaves in
 * the buffers of this machine it goes on sending for minutes, and on a line that was cut a write would arrive when the line is mended.
 */
export function resettingConnector(options: buildConnector.BuildOptions): Connector {
  const overTcp = buildConnector(options);
  const overTls = buildConnector(options);
  return (target, callback) => {
    const { protocol, port } = target;
    if (protocol !== "https:") {
      overTcp(target, (error, socket) => (error ? callback(error, null) : callback(null, reset(socket, socket))));
      return;
    }
    overTcp({ ...target, protocol: "http:", port: port || "443" }, (error, raw) => {
      if (error) return callback(error, null);
      overTls({ ...target, httpSocket: raw }, (failure, socket) =>
        failure ? callback(failure, null) : callback(null, reset(socket, raw)),
      );
    });
  };
}

/**
 * TLS closes the connection below it itself, and waits for that: reset from here it would never hear of its end. So that one is told
 * beforehand, by what `resetAndDestroy` sets.
 */
function reset<S extends Socket>(socket: S, raw: Socket & { resetAndClosing?: boolean }): S {
  const destroy = socket.destroy.bind(socket);
  socket.destroy = (error) => {
    if (error && !raw.destroyed) raw.resetAndClosing = true;
    return destroy(error);
  };
  return socket;
}
