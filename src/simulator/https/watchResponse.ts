import type { Status } from "../../core/kube/object.ts";
import type { ApiObject } from "../apiObject.ts";
import type { ServerEvent, WatchStream } from "../store/watchStream.ts";
import { metadataOnly, type TableSettings, tableOfObject } from "../table/table.ts";
import { type AcceptedForm, PROTOBUF } from "./acceptedForm.ts";
import { podEventFrame } from "./protobufAnswer.ts";
import { type HttpResponse, serialised } from "./respond.ts";

export interface WatchForm {
  readonly form: AcceptedForm;
  readonly table: () => TableSettings;
}

/** Sends the events of a watch, one JSON document a line or one protobuf frame after the other, until either side ends it. */
export async function sendWatch(response: HttpResponse, stream: WatchStream, settings: WatchForm): Promise<void> {
  const inFrames = settings.form === "protobuf";
  response.writeHead(200, { "content-type": inFrames ? `${PROTOBUF};stream=watch` : "application/json" });
  response.on("close", () => stream.close());
  if ("flushHeaders" in response) response.flushHeaders();
  let first = true;
  for await (const event of stream) {
    if (response.destroyed || response.writableEnded) break;
    const line = () => `{"type":"${event.type}","object":${shown(event, settings, first)}}\n`;
    if (!write(response, inFrames ? podEventFrame(event) : line())) await drained(response);
    first = false;
  }
  if (!response.writableEnded) response.end();
}

/** Sends a text as it comes, until either side ends it. */
export async function sendText(response: HttpResponse, chunks: AsyncIterable<string>): Promise<void> {
  response.writeHead(200, { "content-type": "text/plain" });
  if ("flushHeaders" in response) response.flushHeaders();
  for await (const chunk of chunks) {
    if (response.destroyed || response.writableEnded) break;
    if (chunk !== "" && !write(response, chunk)) await drained(response);
  }
  if (!response.writableEnded) response.end();
}

/** Node types the two responses differently; both take text and bytes. */
function write(response: HttpResponse, chunk: string | Buffer): boolean {
  return (response.write as (chunk: string | Buffer) => boolean).call(response, chunk);
}

function shown(event: ServerEvent, { form, table }: WatchForm, first: boolean): string {
  if (event.type === "ERROR") return JSON.stringify(event.object satisfies Status);
  const { object } = event;
  if (form === "table") return JSON.stringify(tableOfEvent(object, event.type, table(), first));
  return form === "metadata" ? JSON.stringify(metadataOnly(object)) : serialised(object);
}

/** The columns are named once, by the first event. */
function tableOfEvent(object: ApiObject, type: string, settings: TableSettings, first: boolean): unknown {
  const whole = tableOfObject(object, settings);
  const rows = type === "BOOKMARK" ? [{ cells: null, object: metadataOnly(object) }] : whole.rows;
  return { ...whole, rows, columnDefinitions: first ? whole.columnDefinitions : null };
}

function drained(response: HttpResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
  });
}
