import { systemClock } from "../src/cluster/environment.ts";
import { injectPod } from "../src/core/injection/injectPod.ts";
import { parsePod } from "../src/core/injection/parsePod.ts";
import { jsonPatchText } from "../src/core/kube/jsonPatch.ts";
import { admissionHandlers, answerBy } from "../src/webhook/admissionHandlers.ts";
import { admissionReviewText, parseAdmissionReview } from "../src/webhook/admissionReview.ts";
import { compileGoPattern } from "../src/webhook/goPattern.ts";
import { WEBHOOK_PATHS } from "../src/webhook/registration.ts";
import { withoutManagedFields } from "../src/webhook/withoutManagedFields.ts";
import { inTurn } from "./inTurn.ts";
import { knownObjects, knownSidecarSets } from "./knownObjects.ts";
import { rounded } from "./median.ts";
import { podReview } from "./podReview.ts";

const MANY_ENV_VARS = 1_500;
const MANY_SETS = 1_000;

/** The decision alone and the text of its patch, for a parsed pod of about 9 KB; 3 sets known, 1 matching. Baseline: `JSON.parse`. */
export async function injection(): Promise<object> {
  const text = podReview();
  const pod = parsePod(JSON.parse(text).request.object);
  if (!pod.ok) throw new Error(JSON.stringify(pod.error));
  const input = {
    pod: pod.value,
    requestNamespace: "shop",
    namespaceLabels: { "kubernetes.io/metadata.name": "shop" },
    sidecarSets: knownSidecarSets(3),
    revisions: [],
    identity: "web-1",
    compilePattern: compileGoPattern,
  };
  const inject = (): string => {
    const injected = injectPod({ ...input, now: Date.now() });
    if (!injected.ok || injected.value.patch.length === 0) throw new Error("nothing was injected");
    return jsonPatchText(injected.value.patch);
  };
  const { ms, baselineMs, ratio } = await inTurn(inject, () => JSON.parse(text));
  return { medianUs: rounded(ms * 1000, 1), parseUs: rounded(baselineMs * 1000, 1), ratio: rounded(ratio, 2) };
}

/** Parse, decide, encode, for a pod of about 9 KB; 3 sets known, 1 matching. The baseline parses and prints the same text. */
export async function admissionInProcess(): Promise<object> {
  const text = podReview();
  const { ms, baselineMs, ratio } = await inTurn(admitting(text, 3), () => JSON.stringify(JSON.parse(text)));
  return { bytes: text.length, medianMs: rounded(ms), baselineMs: rounded(baselineMs), ratio: rounded(ratio, 2) };
}

/** The same for a pod with very many variables, against parsing its review. */
export async function largePod(): Promise<object> {
  const text = podReview(MANY_ENV_VARS);
  const admit = admitting(text, 3);
  const { ms, baselineMs, ratio } = await inTurn(admit, () => JSON.parse(text));
  const patchBytes = Buffer.from(JSON.parse(await admit()).response.patch, "base64").length;
  return {
    bytes: text.length,
    patchBytes,
    medianMs: rounded(ms),
    parseMs: rounded(baselineMs),
    ratio: rounded(ratio, 2),
  };
}

/** What 1,000 known SidecarSets cost a pod that one of them selects, against 3 known. */
export async function manySidecarSets(): Promise<object> {
  const text = podReview();
  const { ms, baselineMs, ratio } = await inTurn(admitting(text, MANY_SETS), admitting(text, 3));
  return { medianMs: rounded(ms), with3SetsMs: rounded(baselineMs), ratio: rounded(ratio, 2) };
}

/** Review text in, review text out, as behind the HTTPS door. */
function admitting(text: string, sets: number): () => Promise<string> {
  const handlers = admissionHandlers({
    copies: knownObjects(knownSidecarSets(sets)),
    cluster: { get: () => Promise.reject(new Error("admission asked the network")) },
    environment: { clock: systemClock },
    systemNamespace: "kruise-system",
  });
  const handler = handlers.get(WEBHOOK_PATHS.pods)!;
  const body = Buffer.from(text);
  return async () => {
    const request = parseAdmissionReview(withoutManagedFields(body));
    if (!request.ok) throw new Error(request.error);
    const answer = await answerBy(handler, request.value, admissionReviewText);
    if (!answer.includes('"patch"')) throw new Error(`nothing was injected: ${answer}`);
    return answer;
  };
}
