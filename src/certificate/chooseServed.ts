import type { KeyPair } from "./authority.ts";
import { isVerifiedBy } from "./pem.ts";

/**
 * Which of two certificates a replica serves: the one offered, except while API servers would refuse it and still take the one that is
 * served. So a new authority is never used before the registration carries it, whoever wrote it into the Secret and why.
 * @param registered the bundles of the webhook configurations; none: nobody calls
 */
export function chooseServed<P extends KeyPair>(
  { served, offered }: { readonly served: P | undefined; readonly offered: P },
  registered: readonly string[],
): P {
  if (served === undefined || isTrusted(offered, registered) || !isTrusted(served, registered)) return offered;
  return served;
}

/** Whether every API server that calls by this registration takes the certificate. */
export function isTrusted({ certificate }: KeyPair, registered: readonly string[]): boolean {
  return registered.every((bundle) => isVerifiedBy(bundle, certificate));
}
