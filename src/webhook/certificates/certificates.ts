import type { ServerCertificate } from "../httpServer.ts";

/** What the webhook serves with, and the PEM of the authorities by which the API server is to know it. */
export interface ServingCertificate extends ServerCertificate {
  readonly authority: string;
}

/** There is no certificate to start with: the message names where it should be, and what is missing there. */
export class CertificateError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "CertificateError";
  }
}

/** The certificate as one replica has it, wherever it comes from. */
export interface Certificates {
  /** Settles when there is one; rejects, with a CertificateError, when there will be none. */
  readonly first: Promise<ServingCertificate>;
  /** The newest; absent until the first is there. */
  current(): ServingCertificate | undefined;
  /** Hears of every one that takes the place of another, and when only the authorities change, until the returned function is called. */
  subscribe(listener: (certificate: ServingCertificate) => void): () => void;
}

/** Holds the newest, and tells of it when it is not the same again. */
export class CertificateHolder implements Certificates {
  readonly first: Promise<ServingCertificate>;
  readonly #listeners = new Set<(certificate: ServingCertificate) => void>();
  #current: ServingCertificate | undefined;
  #resolve: (certificate: ServingCertificate) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor() {
    this.first = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever needs the certificate hears of the failure.
    this.first.catch(() => {});
  }

  current(): ServingCertificate | undefined {
    return this.#current;
  }

  subscribe(listener: (certificate: ServingCertificate) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @returns whether it is another one than before */
  set(next: ServingCertificate): boolean {
    const before = this.#current;
    if (before?.certificate === next.certificate && before.authority === next.authority) return false;
    this.#current = next;
    if (before === undefined) this.#resolve(next);
    else for (const listener of this.#listeners) listener(next);
    return true;
  }

  /** There will be none. */
  fail(error: unknown): void {
    this.#reject(error);
  }
}
