import type { ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createAuthority, issueLeaf } from "../../src/certificate/authority.ts";
import type { Loose } from "./fixtures.ts";

/** AdmissionReview.request, as cases look at it. */
export type AdmissionRequest = Loose["spec"];

export interface Verdict {
  readonly allowed: boolean;
  readonly status?: object;
  /** JSON Patch operations. */
  readonly patch?: readonly object[];
  readonly warnings?: readonly string[];
}

export interface WebhookServer {
  readonly url: string;
  /** Base64, as `caBundle` wants it. */
  readonly caBundle: string;
  /** What was asked so far, with the path it was asked at. */
  readonly calls: readonly { readonly path: string; readonly request: AdmissionRequest }[];
  close(): Promise<void>;
}

/** A webhook of a case's own: each call is remembered and answered by `judge`; it never answers when that gives nothing. */
export async function startWebhookServer(
  judge: (request: AdmissionRequest, path: string) => Verdict | undefined | Promise<Verdict>,
): Promise<WebhookServer> {
  const authority = await createAuthority({ commonName: "contract", now: Date.now() });
  const names = { dnsNames: ["localhost"], ipAddresses: ["127.0.0.1"] };
  const leaf = await issueLeaf(authority, { commonName: "webhook", usage: "server", now: Date.now(), ...names });
  const calls: { path: string; request: AdmissionRequest }[] = [];
  const answer = async (url: string, body: string, response: ServerResponse): Promise<void> => {
    const path = url.replace(/\?.*/, "");
    const { request } = JSON.parse(body);
    calls.push({ path, request });
    const verdict = await judge(request, path);
    if (!verdict) return;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(review(request.uid, verdict)));
  };
  const server = createServer({ cert: leaf.certificate, key: leaf.privateKey }, (incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.once("end", () => void answer(incoming.url ?? "", Buffer.concat(chunks).toString("utf8"), response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caBundle: Buffer.from(authority.certificate).toString("base64"),
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function review(uid: string, { patch, ...verdict }: Verdict): object {
  const encoded = patch ? { patchType: "JSONPatch", patch: Buffer.from(JSON.stringify(patch)).toString("base64") } : {};
  return { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: { uid, ...verdict, ...encoded } };
}
