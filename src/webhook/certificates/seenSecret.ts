import { type CertificateState, trustedBy } from "../../certificate/certificateState.ts";
import type { Environment } from "../../cluster/environment.ts";
import { isNewerVersion } from "../../cluster/resourceVersion.ts";
import { reasonFields } from "./certificateReasons.ts";
import { readSecret, type Secret, type SecretName, textOfName } from "./certificateSecret.ts";
import { CertificateHolder } from "./certificates.ts";

/**
 * The newest state of our Secret that this process has seen, by watch, by reading or by writing it. It never goes back: a watch that is
 * behind must not take an authority out of the registration that somebody serves already.
 */
export class SeenSecret {
  readonly certificates = new CertificateHolder();
  readonly #name: SecretName;
  readonly #log: Environment["log"];
  #version: string | undefined;
  #known: CertificateState | undefined;

  constructor(name: SecretName, log: Environment["log"]) {
    this.#name = name;
    this.#log = log;
  }

  /** The last one that could be served: what replicas still serve when the Secret is lost. */
  get known(): CertificateState | undefined {
    return this.#known;
  }

  /** What cannot be served is told, and what is served stays. */
  take(secret: Secret | undefined): void {
    if (secret === undefined) return;
    const version = secret.metadata.resourceVersion;
    if (this.#version !== undefined && !isNewerVersion(version, this.#version)) return;
    this.#version = version;
    const reading = readSecret(secret);
    if (reading.ok) {
      this.#known = reading.value;
      this.certificates.set(served(reading.value));
      return;
    }
    const { reason, message: error } = reading.error;
    const fields = { secret: textOfName(this.#name), ...reasonFields(reason), error };
    this.#log("error", "the certificate Secret cannot be used; the leader mends it", fields);
  }
}

function served({ leaf, ...authorities }: CertificateState) {
  return { ...leaf, authority: trustedBy(authorities) };
}
