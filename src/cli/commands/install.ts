import { CommandError, EXIT } from "../exitCode.ts";
import { packageFile } from "../packageFile.ts";
import { dnsLabel } from "../preflight.ts";

interface InstallOptions {
  readonly image: string;
  readonly systemNamespace: string;
}

/** What the manifests of the package have in these places. */
const NAMESPACE = /^( *(?:name|namespace): )kruise-system$/gm;
const IMAGE = /^( *image: )localhost\/sidecarset:\S+$/gm;
const IMAGE_REFERENCE = /^[^\s"'#{}]+$/;

/** Prints deploy/install.yaml for this image and namespace. */
export function install({ image, systemNamespace }: InstallOptions): void {
  if (!IMAGE_REFERENCE.test(image))
    throw new CommandError(`--image "${image}": REGISTRY/NAME:TAG is expected, without blanks`, EXIT.usage);
  const namespace = dnsLabel("--system-namespace", systemNamespace);
  const manifests = packageFile("deploy/install.yaml")
    .replace(NAMESPACE, (_line, before: string) => before + namespace)
    .replace(IMAGE, (_line, before: string) => before + image);
  process.stdout.write(manifests);
}
