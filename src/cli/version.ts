import { packageFile } from "./packageFile.ts";

/** Replaced by the build; the sources read it from package.json. */
export const VERSION: string =
  process.env.SIDECARSET_VERSION ?? (JSON.parse(packageFile("package.json")).version as string);
