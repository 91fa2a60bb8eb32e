import type { AdmissionReview } from "./admissionReview.ts";
import type { ClientConfig } from "./webhookConfiguration.ts";

export interface WebhookCall {
  readonly clientConfig: ClientConfig;
  /** As in the URL a real server posts to: `?timeout=10s`. */
  readonly timeoutSeconds: number;
  readonly review: AdmissionReview;
  readonly signal: AbortSignal;
}

/** Brings a review to a webhook and its answer back. Rejects with an Error whose message says why that did not work. */
export interface WebhookCaller {
  call(call: WebhookCall): Promise<unknown>;
  close?(): void;
}

/** Webhooks in the same process, for stories on a virtual clock: the function gets the path and the review. */
export function inProcessWebhooks(
  answer: (path: string, review: AdmissionReview) => Promise<unknown> | unknown,
): WebhookCaller {
  return {
    call: async ({ clientConfig, review }) => answer(pathOf(clientConfig), JSON.parse(JSON.stringify(review))),
  };
}

/** For servers that nobody registers a webhook at: the call fails as if nothing listened. */
export const NO_WEBHOOKS: WebhookCaller = {
  call: async ({ clientConfig }) => {
    throw new Error(`Post "${addressOf(clientConfig)}": no webhook can be reached from this server`);
  },
};

function pathOf({ url, service }: ClientConfig): string {
  return url === undefined ? (service?.path ?? "/") : new URL(url).pathname;
}

/** Where a client config points, as it is shown in errors. */
export function addressOf({ url, service }: ClientConfig): string {
  if (url !== undefined) return url;
  const { namespace = "", name = "", path = "/", port = 443 } = service ?? {};
  return `https://${name}.${namespace}.svc:${port}${path.startsWith("/") ? path : `/${path}`}`;
}
