import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "./bundledPackages.ts";
import type { NodeBinary } from "./nodeBinary.ts";
import type { SystemPackage } from "./systemLibraries.ts";
import type { TarEntry } from "./tarArchive.ts";

export interface ImageSources {
  readonly node: NodeBinary;
  readonly system: readonly SystemPackage[];
  /** What build.mjs has written. */
  readonly programFolder: string;
  readonly softwareBill: string;
}

/** In the image and in the chart: nobody, with rights to nothing. */
const USER = { name: "nonroot", id: 65532 };

/** `config` of the image. Whatever it is given to do, it does as a user without rights; no file of it is ever written. */
export function imageConfig(version: string): Readonly<Record<string, unknown>> {
  return {
    User: `${USER.id}:${USER.id}`,
    Env: ["PATH=/bin"],
    Entrypoint: ["/bin/node", "/sidecarset/sidecarset.js"],
    WorkingDir: "/",
    Labels: {
      "org.opencontainers.image.title": "sidecarset",
      "org.opencontainers.image.version": version,
      "org.opencontainers.image.licenses": "Apache-2.0",
    },
  };
}

/**
 * The one list of what is in the image, in layers, from what changes least to what changes most. The archive is packed from it, and the
 * Dockerfile copies the folder that is written from it.
 */
export async function imageLayers(sources: ImageSources): Promise<readonly (readonly TarEntry[])[]> {
  const { node, system } = sources;
  const libraries = system.flatMap(({ name, files, copyright }) => [
    ...files.map((path) => fromDisk(path, path, 0o755)),
    ...(copyright ? [fromDisk(`/usr/share/doc/${name}/copyright`, copyright)] : []),
  ]);
  const base = [...libraries, ...accounts(), folder("/tmp/", 0o1777)];
  const runtime = [fromDisk("/bin/node", node.program, 0o755), fromDisk("/usr/share/doc/node/LICENSE", node.licence)];
  const layers = [base, runtime, await program(sources)];
  return Promise.all(layers.map(async (files) => withFolders(await Promise.all(files.map(toEntry)))));
}

/** The chunks of the program, but not the library and its types, which are for other programs. */
async function program({ programFolder, softwareBill }: ImageSources): Promise<readonly ImageFile[]> {
  const names = (await readdir(programFolder)).filter((name) => name.endsWith(".js") && name !== "library.js");
  const about = "/usr/share/doc/sidecarset";
  return [
    ...names.map((name) => fromDisk(`/sidecarset/${name}`, join(programFolder, name))),
    // Node reads from it that the chunks are modules.
    text("/sidecarset/package.json", '{"type":"module"}\n'),
    text(`${about}/sbom.cdx.json`, softwareBill),
    ...["LICENSE", "THIRD-PARTY-NOTICES"].map((name) => fromDisk(`${about}/${name}`, join(ROOT, name))),
  ];
}

/** Who runs, and that names of hosts are looked up in /etc/hosts first. */
function accounts(): readonly ImageFile[] {
  const { name, id } = USER;
  return [
    text("/etc/passwd", `root:x:0:0:root:/:/sbin/nologin\n${name}:x:${id}:${id}:${name}:/:/sbin/nologin\n`),
    text("/etc/group", `root:x:0:\n${name}:x:${id}:\n`),
    text("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
  ];
}

interface ImageFile {
  /** Absolute, in the image. */
  readonly path: string;
  readonly mode: number;
  readonly content: string | { readonly file: string };
}

const fromDisk = (path: string, file: string, mode = 0o644): ImageFile => ({ path, mode, content: { file } });
const text = (path: string, content: string): ImageFile => ({ path, mode: 0o644, content });
const folder = (path: string, mode: number): ImageFile => ({ path, mode, content: "" });

async function toEntry({ path, mode, content }: ImageFile): Promise<TarEntry> {
  const bytes = typeof content === "string" ? Buffer.from(content) : await readFile(content.file);
  return { path: path.slice(1), mode, content: bytes };
}

/** In the order of their paths, every folder before what is in it. */
function withFolders(files: readonly TarEntry[]): readonly TarEntry[] {
  const above = files.flatMap(({ path }) => foldersOf(path));
  const missing = [...new Set(above)].filter((path) => !files.some((file) => file.path === path));
  const folders = missing.map((path) => ({ path, mode: 0o755, content: Buffer.alloc(0) }));
  return [...files, ...folders].sort((one, other) => (one.path < other.path ? -1 : 1));
}

function foldersOf(path: string): readonly string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_part, index) => `${parts.slice(0, index + 1).join("/")}/`).filter((one) => one !== path);
}
