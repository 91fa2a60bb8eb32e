import type { TLSSocket } from "node:tls";
import { ADMIN, type UserInfo } from "../apiRequest.ts";
import { failure } from "../apiStatus.ts";
import type { HttpRequest } from "./requestBody.ts";

export interface AuthenticationSettings {
  /** Bearer token → user. */
  readonly tokens?: Readonly<Record<string, UserInfo>>;
  /** CA of client certificates, PEM; CN is the user and O the groups. */
  readonly clientAuthority?: string;
}

/** Who asks; 401 for strangers. Without any settings everybody is the administrator. */
export function authenticate(request: HttpRequest, settings: AuthenticationSettings): UserInfo {
  if (!settings.tokens && settings.clientAuthority === undefined) return ADMIN;
  const token = /^Bearer\s+(.+)$/i.exec(request.headers.authorization ?? "")?.[1];
  const byToken = token === undefined ? undefined : settings.tokens?.[token];
  const user = byToken ?? userOfCertificate(request.socket as TLSSocket);
  if (!user) throw failure(401, "Unauthorized", "Unauthorized");
  return user;
}

function userOfCertificate(socket: TLSSocket): UserInfo | undefined {
  if (!socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate();
  if (!subject?.CN) return undefined;
  const organizations = subject.O as string | readonly string[] | undefined;
  const groups = organizations === undefined ? [] : typeof organizations === "string" ? [organizations] : organizations;
  return { username: String(subject.CN), groups: [...groups, "system:authenticated"] };
}
