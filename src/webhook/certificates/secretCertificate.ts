import { type Damage, damage } from "../../certificate/certificateData.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { Environment } from "../../cluster/environment.ts";
import { startInformer } from "../../cluster/informer.ts";
import { SECRETS } from "../../cluster/resource.ts";
import { ok, type Result } from "../../core/result.ts";
import { reasonFields } from "./certificateReasons.ts";
import { type Secret, type SecretName, textOfName } from "./certificateSecret.ts";
import { CertificateError, CertificateHolder, type Certificates } from "./certificates.ts";
import { readProvided } from "./providedCertificate.ts";

/** Follows a Secret that somebody else writes. Without what is needed in it at the start there is no certificate; later the one before stays. */
export function secretCertificate(options: {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly secret: SecretName;
  readonly needsAuthority: boolean;
}): Certificates {
  const { environment, secret: name, needsAuthority } = options;
  const holder = new CertificateHolder();
  const copy = startInformer<Secret, Secret>({
    ...options,
    type: SECRETS,
    transform: (secret) => secret,
    listOptions: { namespace: name.namespace, fieldSelector: `metadata.name=${name.name}` },
  });
  const take = (): Result<undefined, Damage> => {
    const secret = copy.get(name);
    if (secret === undefined) return damage("secretMissing", `there is no Secret ${textOfName(name)}`);
    const reading = readProvided(secret.data ?? {}, needsAuthority);
    if (!reading.ok) return damage(reading.error.reason, `Secret ${textOfName(name)}: ${reading.error.message}`);
    holder.set(reading.value);
    return ok(undefined);
  };
  const takeNext = (): void => {
    const taken = take();
    if (taken.ok) return;
    const { reason, message: error } = taken.error;
    environment.log("error", "the provided certificate cannot be used", { ...reasonFields(reason), error });
  };
  copy.synced.then(
    () => {
      const first = take();
      if (!first.ok) holder.fail(new CertificateError(first.error.message));
      copy.subscribe(takeNext);
    },
    (error: unknown) => holder.fail(error),
  );
  return holder;
}
