import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { bundledPackages, ROOT } from "./bundledPackages.ts";
import { imageConfig, imageLayers } from "./imageFiles.ts";
import { ensureNodeBinary } from "./nodeBinary.ts";
import { type ImageContent, ociArchive } from "./ociArchive.ts";
import { softwareBill } from "./softwareBill.ts";
import { systemLibrariesOf } from "./systemLibraries.ts";
import type { TarEntry } from "./tarArchive.ts";

/** The image before it is written down: as an archive, or as a folder. */
export interface ImageParts {
  readonly version: string;
  readonly layers: readonly (readonly TarEntry[])[];
  readonly config: ImageContent["config"];
  /** CycloneDX, JSON. */
  readonly softwareBill: string;
}

/** Gathers what the image is made of. @param programFolder what build.mjs has written */
export async function gatherImage(programFolder: string): Promise<ImageParts> {
  const { version } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as { readonly version: string };
  const node = await ensureNodeBinary();
  const system = await systemLibrariesOf(node.program);
  const bill = softwareBill({ version, packages: bundledPackages(programFolder), system });
  const text = `${JSON.stringify(bill, null, 2)}\n`;
  const layers = await imageLayers({ node, system, programFolder, softwareBill: text });
  return { version, layers, config: imageConfig(version), softwareBill: text };
}

/** One archive of the same image under each name. */
export function packImage({ layers, config }: ImageParts, references: readonly string[]) {
  return ociArchive(references.map((reference) => ({ reference, layers, config })));
}
