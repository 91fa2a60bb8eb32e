import { execFile } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { imageConfig } from "../../image/imageFiles.ts";
import { ociArchive } from "../../image/ociArchive.ts";
import { gatherImage } from "../../image/pack.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const REPOSITORY = "localhost/sidecarset";
/** The tag of the image that the chart is upgraded to: the same program under another version, and so another image. */
export const NEXT_TAG = "next";

/** Packs our own image, as the chart names it and as the next one, of the sources under test. @param folder where the archive is put */
export async function packOwnImages(folder: string): Promise<string> {
  const program = `node_modules/.cache/image-${process.pid}`;
  try {
    await promisify(execFile)(process.execPath, ["build.mjs", program], { cwd: ROOT });
    const { version, layers } = await gatherImage(join(ROOT, program));
    const archive = join(folder, "own-images.tar");
    const images = [version, NEXT_TAG].map((tag) => ({
      reference: `${REPOSITORY}:${tag}`,
      layers,
      config: imageConfig(tag),
    }));
    await writeFile(archive, ociArchive(images).bytes);
    return archive;
  } finally {
    await rm(join(ROOT, program), { recursive: true, force: true });
  }
}
