import type { Cluster } from "../../cluster/cluster.ts";
import type { Environment } from "../../cluster/environment.ts";
import { startInformer } from "../../cluster/informer.ts";
import { SECRETS } from "../../cluster/resource.ts";
import { reasonFields } from "./certificateReasons.ts";
import { type Secret, type SecretName, textOfName } from "./certificateSecret.ts";
import { CertificateHolder, type Certificates } from "./certificates.ts";
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
  /** @returns what is wrong */
  const take = (): string | undefined => {
    const secret = copy.get(name);
    if (secret === undefined) return `there is no Secret ${textOfName(name)}`;
    const reading = readProvided(secret.data ?? {}, needsAuthority);
    if (reading.ok) {
      holder.set(reading.value);
      return undefined;
    }
    const { reason, message } = reading.error;
    const error = `Secret ${textOfName(name)}: ${message}`;
    environment.log("error", "the provided certificate cannot be used", { ...reasonFields(reason), error });
    return error;
  };
  copy.synced.then(
    () => {
      const problem = take();
      if (problem !== undefined) holder.fail(new Error(problem));
      copy.subscribe(take);
    },
    (error: unknown) => holder.fail(error),
  );
  return holder;
}
