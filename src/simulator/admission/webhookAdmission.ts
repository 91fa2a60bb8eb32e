import { applyJsonPatch } from "../../core/kube/jsonPatch.ts";
import type { JsonObject } from "../../core/kube/object.ts";
import { type ApiObject, sameJson } from "../apiObject.ts";
import { failure, forbidden, internalError } from "../apiStatus.ts";
import { newUid, type ServerContext } from "../serverContext.ts";
import { inVersion } from "../verbs/target.ts";
import type { Admission, AdmissionAttributes } from "./admission.ts";
import { type AdmissionReview, type ReviewAnswer, readAnswer, reviewOf } from "./admissionReview.ts";
import { conditionsHold } from "./matchCondition.ts";
import type { WebhookCaller } from "./webhookCaller.ts";
import { type Invocation, storedWebhooks, type Webhook } from "./webhookConfiguration.ts";
import { matchedVersion } from "./webhookMatch.ts";

/** Admission by the webhooks registered in the server itself. */
export function webhookAdmission(context: () => ServerContext, caller: WebhookCaller): Admission {
  return {
    async mutate(attributes) {
      const invocations = storedWebhooks(context(), "mutatingwebhookconfigurations");
      const first = await mutateOnce(context(), caller, attributes, invocations);
      const again = invocations.filter(({ id }) => first.reinvoke.has(id));
      if (again.length === 0) return first.object;
      return (await mutateOnce(context(), caller, { ...attributes, object: first.object }, again)).object;
    },
    async validate(attributes) {
      const invocations = storedWebhooks(context(), "validatingwebhookconfigurations");
      const verdicts = await Promise.allSettled(
        invocations.map(({ webhook }) => review(context(), caller, webhook, attributes)),
      );
      for (const verdict of verdicts) if (verdict.status === "rejected") throw verdict.reason;
    },
  };
}

interface Mutation {
  readonly object: ApiObject | undefined;
  /** Webhooks that asked to see the object again and were called before somebody else changed it. */
  readonly reinvoke: ReadonlySet<string>;
}

/** One webhook after the other, each seeing what the ones before it have made of the object. */
async function mutateOnce(
  context: ServerContext,
  caller: WebhookCaller,
  attributes: AdmissionAttributes,
  invocations: readonly Invocation[],
): Promise<Mutation> {
  let { object } = attributes;
  const interested = new Set<string>();
  const reinvoke = new Set<string>();
  for (const { id, webhook } of invocations) {
    const seen = { ...attributes, object };
    const answered = await review(context, caller, webhook, seen);
    if (!answered) continue;
    const changed = patched(answered, webhook, seen);
    if (changed && !sameJson(changed, object)) {
      object = changed;
      for (const previous of interested) reinvoke.add(previous);
    }
    if (webhook.reinvocationPolicy === "IfNeeded") interested.add(id);
  }
  return { object, reinvoke };
}

interface Answered {
  readonly answer: ReviewAnswer;
  readonly version: string;
}

/** @returns undefined when the webhook is not concerned, or failed and may be ignored; throws when it denies or must not fail */
async function review(
  context: ServerContext,
  caller: WebhookCaller,
  webhook: Webhook,
  attributes: AdmissionAttributes,
): Promise<Answered | undefined> {
  const version = matchedVersion(context, webhook, attributes);
  if (version === undefined) return undefined;
  const uid = newUid(context.environment.random);
  const sent = reviewOf(attributes, version, uid);
  if (!isWanted(context, webhook, attributes, sent)) return undefined;
  let answer: ReviewAnswer;
  try {
    const body = await callInTime(context, caller, webhook, sent);
    answer = readAnswer(body, uid);
  } catch (error) {
    if (webhook.failurePolicy === "Ignore") {
      context.environment.log("warn", "webhook failed and is ignored", {
        webhook: webhook.name,
        error: messageOf(error),
      });
      return undefined;
    }
    throw internalError(`failed calling webhook ${JSON.stringify(webhook.name)}: ${messageOf(error)}`);
  }
  for (const warning of answer.warnings) attributes.warn(warning);
  if (!answer.allowed) throw denial(webhook, answer);
  return { answer, version };
}

/** By its match conditions. Where they cannot be evaluated the failure policy decides; throws when that is Fail. */
function isWanted(
  { environment }: ServerContext,
  { name, matchConditions = [], failurePolicy }: Webhook,
  { definition, name: object }: AdmissionAttributes,
  sent: AdmissionReview,
): boolean {
  const answer = conditionsHold(matchConditions, sent);
  if (answer.ok) return answer.value;
  if (failurePolicy === "Fail") throw forbidden(definition, object, answer.error);
  environment.log("warn", "match condition failed and the webhook is passed over", {
    webhook: name,
    error: answer.error,
  });
  return false;
}

function callInTime(
  { environment }: ServerContext,
  caller: WebhookCaller,
  { clientConfig, timeoutSeconds }: Webhook,
  sent: AdmissionReview,
): Promise<unknown> {
  const abort = new AbortController();
  return new Promise((resolve, reject) => {
    const cancel = environment.clock.after(timeoutSeconds * 1000, () => {
      abort.abort();
      reject(new Error("failed to call webhook: context deadline exceeded"));
    });
    caller
      .call({ clientConfig, timeoutSeconds, review: sent, signal: abort.signal })
      .then(resolve, (error: unknown) => reject(new Error(`failed to call webhook: ${messageOf(error)}`)))
      .finally(cancel);
  });
}

function patched(
  { answer, version }: Answered,
  webhook: Webhook,
  attributes: AdmissionAttributes,
): ApiObject | undefined {
  const { object, definition } = attributes;
  if (answer.patch.length === 0 || object === undefined) return object;
  const ownKind = object.kind === definition.kind;
  const shown = ownKind ? inVersion(object, definition, version) : object;
  const result = applyJsonPatch(shown as unknown as JsonObject, answer.patch, "apiServer");
  if (!result.ok)
    throw internalError(`webhook ${JSON.stringify(webhook.name)} sent a patch that does not apply: ${result.error}`);
  const changed = result.value as unknown as ApiObject;
  if (!ownKind) return changed;
  return definition.versions[attributes.version]!.decode(inVersion(changed, definition, attributes.version)).object;
}

/** The webhook's own status under a line that names it, and never a code that would mean success. */
function denial({ name }: Webhook, { status = {} }: ReviewAnswer): Error {
  const denied = `admission webhook ${JSON.stringify(name)} denied the request`;
  const why = status.message || status.reason;
  const code = status.code !== undefined && status.code >= 400 ? status.code : 400;
  return failure(
    code,
    status.reason ?? "",
    why ? `${denied}: ${why}` : `${denied} without explanation`,
    status.details,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
