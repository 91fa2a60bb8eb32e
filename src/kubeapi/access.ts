import type { ConnectionOptions } from "node:tls";

/** What it takes to talk to one API server as one user. */
export interface Access {
  /** `https://host:port`, with a path when the API is served below one. */
  readonly server: string;
  readonly tls: Pick<ConnectionOptions, "ca" | "cert" | "key" | "servername" | "rejectUnauthorized">;
  /** Who we are: `Authorization`, and `Impersonate-Group` once for each group. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** `http:` or `https:`, with user and password when it wants them. */
  readonly proxyUrl?: string;
}

/** Where access comes from. It is read again now and then, because tokens and certificates are renewed. */
export interface AccessSource {
  /** For messages: `kubeconfig /home/me/.kube/config, context "dev"`. */
  readonly description: string;
  /** Of objects that are named without one; undefined: the settings name none. */
  readonly namespace?: string | undefined;
  /** @param again `refused`: the server did not accept what was read last, so nothing that is kept may be answered */
  read(again?: "refused"): Promise<Access>;
}

/** The settings do not say how to reach a cluster. The message names the file and what is missing in it. */
export class AccessError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "AccessError";
  }
}
