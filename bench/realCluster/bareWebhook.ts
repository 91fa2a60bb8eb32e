/** The baseline: any webhook. It reads the review, parses it and answers a constant small patch; a process of its own. */
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { KeyPair } from "../../src/certificate/authority.ts";

const PATCH = Buffer.from('[{"op":"add","path":"/metadata/annotations/bare","value":"asked"}]').toString("base64");

process.once("message", ({ certificate, privateKey }: KeyPair) => {
  const server = createServer({ cert: certificate, key: privateKey }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const { uid } = JSON.parse(Buffer.concat(chunks).toString()).request;
      const answer = { uid, allowed: true, patchType: "JSONPatch", patch: PATCH };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: answer }));
    });
  });
  server.listen(0, "127.0.0.1", () => process.send!((server.address() as AddressInfo).port));
});
