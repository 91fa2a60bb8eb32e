import { chooseServed } from "../../certificate/chooseServed.ts";
import { parsed } from "../../certificate/pem.ts";
import type { Environment } from "../../cluster/environment.ts";
import { reasonFields } from "./certificateReasons.ts";
import { CertificateHolder, type Certificates, type ServingCertificate } from "./certificates.ts";
import type { RegisteredBundles } from "./registeredBundles.ts";

/**
 * What this replica serves of what its source offers: a certificate that API servers would refuse waits until the registration carries its
 * authority, while they still take the one before. The authorities to register are always the newest.
 */
export function servedCertificate(
  source: Certificates,
  { registered, log }: { readonly registered: RegisteredBundles; readonly log: Environment["log"] },
): Certificates {
  const holder = new CertificateHolder();
  const choose = (): void => {
    const offered = source.current();
    if (offered === undefined) return;
    const before = holder.current();
    const { certificate, privateKey } = chooseServed<ServingCertificate>(
      { served: before, offered },
      registered.current(),
    );
    const isNew = certificate !== before?.certificate;
    if (!holder.set({ certificate, privateKey, authority: offered.authority })) return;
    if (isNew) log("info", "serving a certificate", fieldsOf(certificate));
    if (certificate !== offered.certificate) {
      log("info", "a new certificate waits for the registration", {
        ...reasonFields("registration"),
        ...fieldsOf(offered.certificate),
      });
    }
  };
  // The first choice needs to know what is registered; nothing is served before it.
  void Promise.all([source.first, registered.synced]).then(
    () => {
      source.subscribe(choose);
      registered.subscribe(choose);
      choose();
    },
    (error: unknown) => holder.fail(error),
  );
  return holder;
}

function fieldsOf(certificate: string): Readonly<Record<string, unknown>> {
  const leaf = parsed(certificate);
  if (leaf === undefined) return {};
  return { serial: leaf.serialNumber, certificateEnds: new Date(leaf.validTo).toISOString() };
}
