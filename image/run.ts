/**
 * `npm run image [-- --output FILE] [--name REFERENCE]`: packs the image of dist/ as an OCI archive, with its software bill beside it.
 * `--root FOLDER` writes its files below a folder instead, for the Dockerfile.
 */
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./bundledPackages.ts";
import { gatherImage, type ImageParts, packImage } from "./pack.ts";

const { values } = parseArgs({
  options: { output: { type: "string" }, name: { type: "string" }, root: { type: "string" } },
});

try {
  const image = await gatherImage(join(ROOT, "dist"));
  if (values.root === undefined) await writeArchive(image);
  else await writeTree(image, values.root);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function writeArchive(image: ImageParts): Promise<void> {
  const { output = join(ROOT, `image/out/sidecarset-${image.version}.tar`) } = values;
  const { name = `localhost/sidecarset:${image.version}` } = values;
  const { bytes, digests } = packImage(image, [name]);
  await mkdir(dirname(output), { recursive: true });
  await writeFile(output, bytes);
  const bill = `${output.replace(/\.tar$/, "")}.sbom.cdx.json`;
  await writeFile(bill, image.softwareBill);
  console.log(
    `${name}\n  digest   ${digests[0]}\n  archive  ${output}, ${mebibytes(bytes.length)}\n  SBOM     ${bill}`,
  );
  for (const [index, title] of ["libraries", "node", "sidecarset"].entries()) {
    const size = image.layers[index]!.reduce((sum, { content }) => sum + content.length, 0);
    console.log(`  layer    ${title}, ${image.layers[index]!.length} entries, ${mebibytes(size)}`);
  }
}

async function writeTree({ layers }: ImageParts, root: string): Promise<void> {
  for (const { path, content, mode } of layers.flat()) {
    const target = join(root, path);
    if (path.endsWith("/")) await mkdir(target, { recursive: true });
    else await writeFile(target, content);
    await chmod(target, mode);
  }
  console.log(`${layers.flat().length} files and folders below ${root}`);
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
