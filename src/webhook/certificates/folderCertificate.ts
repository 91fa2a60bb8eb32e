import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { KEYS, type SecretData } from "../../certificate/certificateData.ts";
import { type Environment, sleep } from "../../cluster/environment.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { reasonFields } from "./certificateReasons.ts";
import { CertificateError, CertificateHolder, type Certificates, type ServingCertificate } from "./certificates.ts";
import { readProvided } from "./providedCertificate.ts";

const LOOK_MS = 10_000;

/**
 * Follows the files of a mounted Secret, by reading them again and again: that sees every way of replacing them, on every file system. Without
 * what is needed at the start there is no certificate; later the one before stays.
 */
export function folderCertificate(options: {
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly folder: string;
  readonly needsAuthority: boolean;
}): Certificates {
  const { environment, signal } = options;
  const holder = new CertificateHolder();
  const follow = async (): Promise<void> => {
    let told = "";
    while (!signal.aborted) {
      const reading = await read(options);
      if (reading.ok) {
        holder.set(reading.value);
        told = "";
      } else {
        if (holder.current() === undefined) throw new CertificateError(reading.error.message);
        const { reason, message } = reading.error;
        if (message !== told) {
          const fields = reason === undefined ? {} : reasonFields(reason);
          environment.log("error", "the provided certificate cannot be used", { ...fields, error: message });
        }
        told = message;
      }
      await sleep(environment.clock, LOOK_MS, signal);
    }
  };
  follow().catch((error: unknown) => holder.fail(error));
  return holder;
}

type Problem = { readonly message: string; readonly reason?: Parameters<typeof reasonFields>[0] };

async function read({
  folder,
  needsAuthority,
}: {
  readonly folder: string;
  readonly needsAuthority: boolean;
}): Promise<Result<ServingCertificate, Problem>> {
  const data: Record<string, string> = {};
  for (const file of [KEYS.leaf.certificate, KEYS.leaf.privateKey, KEYS.bundle]) {
    try {
      data[file] = (await readFile(join(folder, file))).toString("base64");
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== "ENOENT") return err({ message: `${join(folder, file)} cannot be read: ${message}` });
    }
  }
  const reading = readProvided(data satisfies SecretData, needsAuthority);
  if (reading.ok) return ok(reading.value);
  return err({ reason: reading.error.reason, message: `folder ${folder}: ${reading.error.message}` });
}
