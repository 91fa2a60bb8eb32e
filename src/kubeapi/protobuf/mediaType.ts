const PROTOBUF = "application/vnd.kubernetes.protobuf";

/** What to accept where protobuf is understood: the server chooses, and says in its answer what it has chosen. */
export const PODS_AT_ONCE = `${PROTOBUF}, application/json`;
export const WATCH_ON_PODS = `${PROTOBUF};stream=watch, application/json`;

export function isProtobuf(contentType: string): boolean {
  return contentType.startsWith(PROTOBUF);
}
