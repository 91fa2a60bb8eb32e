import type { Status } from "../../core/kube/object.ts";
import type { ApiObject } from "../apiObject.ts";
import type { ApiList } from "../apiRequest.ts";
import type { ServerEvent } from "../store/watchStream.ts";
import { delimited, eventFrame, inEnvelope, messageBytes } from "./writeProtobuf.ts";

/** Lists of pods, pods, and what is refused; no other kind is answered as protobuf. */
export function podListBytes({ metadata, items }: ApiList): Buffer {
  const message = [
    delimited(1, messageBytes("ListMeta", metadata)),
    ...items.map((pod) => delimited(2, podMessage(pod))),
  ];
  return inEnvelope("v1", "PodList", Buffer.concat(message));
}

export function podBytes(pod: ApiObject): Buffer {
  return inEnvelope("v1", "Pod", podMessage(pod));
}

export function statusBytes(status: Status): Buffer {
  return inEnvelope("v1", "Status", messageBytes("Status", { ...status }));
}

export function podEventFrame(event: ServerEvent): Buffer {
  return eventFrame(event.type, event.type === "ERROR" ? statusBytes(event.object) : podBytes(event.object));
}

const messages = new WeakMap<ApiObject, Buffer>();

/** Written once per stored version, whoever reads it. */
function podMessage(pod: ApiObject): Buffer {
  let message = messages.get(pod);
  if (message === undefined) {
    message = messageBytes("Pod", { ...pod });
    messages.set(pod, message);
  }
  return message;
}
