const PROTOBUF = "application/vnd.kubernetes.protobuf";

/** What to accept where protobuf is understood: the server chooses, and says in its answer what it has chosen. */
export const ONE_POD = `${PROTOBUF}, application/json`;
export const LIST_OF_PODS = ONE_POD;
export const WATCH_ON_PODS = `${PROTOBUF};stream=watch, application/json`;

export function isProtobuf(contentType: string): boolean {
  return contentType.startsWith(PROTOBUF);
}
