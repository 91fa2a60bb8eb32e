import type { BundledPackage } from "./bundledPackages.ts";
import { NODE_PACKAGE } from "./nodeBinary.ts";
import type { SystemPackage } from "./systemLibraries.ts";

export interface ImageParts {
  readonly version: string;
  readonly packages: readonly BundledPackage[];
  readonly system: readonly SystemPackage[];
}

/** Everything in the image that others wrote, as a CycloneDX document. It holds no time and no number of its own: same parts, same text. */
export function softwareBill({ version, packages, system }: ImageParts): unknown {
  const image = { type: "container", "bom-ref": `sidecarset@${version}`, name: "sidecarset", version };
  const components = [nodeComponent(), ...packages.map(npmComponent), ...system.map(systemComponent)];
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.5.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: { component: { ...image, licenses: [{ license: { id: "Apache-2.0" } }] } },
    components,
    dependencies: [{ ref: image["bom-ref"], dependsOn: components.map((one) => one["bom-ref"]) }],
  };
}

function nodeComponent() {
  const { name, version, integrity } = NODE_PACKAGE;
  const purl = `pkg:npm/${name}@${version}`;
  return { type: "platform", "bom-ref": purl, name: "node", version, purl, ...licensed("MIT"), ...hashed(integrity) };
}

function npmComponent({ name, version, licence, integrity }: BundledPackage) {
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return { type: "library", "bom-ref": purl, name, version, purl, ...licensed(licence), ...hashed(integrity) };
}

function systemComponent({ name, version, architecture, licence }: SystemPackage) {
  const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}`;
  return { type: "library", "bom-ref": purl, name, version, purl, ...licensed(licence) };
}

/** An exception makes it an expression. */
function licensed(licence: string) {
  return { licenses: [licence.includes(" ") ? { expression: licence } : { license: { id: licence } }] };
}

/** npm's integrity is the hash of the package's archive in base64. */
function hashed(integrity: string) {
  const [algorithm, base64 = ""] = integrity.split("-");
  if (algorithm !== "sha512") throw new Error(`an integrity by ${algorithm} has no name in a software bill`);
  return { hashes: [{ alg: "SHA-512", content: Buffer.from(base64, "base64").toString("hex") }] };
}
