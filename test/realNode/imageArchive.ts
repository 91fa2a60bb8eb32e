import { createHash } from "node:crypto";

/** A local image. Two tags of one name and version are two names of the same image. */
export interface LocalImage {
  readonly name: string;
  readonly tag: string;
  /** What its program answers at `/version`. */
  readonly version: string;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

const TYPE = "application/vnd.oci.image";

/**
 * Images as `docker.io/local/<name>:<tag>` in one archive that a container runtime imports, so that no registry is needed.
 * All share the layer of their one program, which gets the image's name as its argument.
 * @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export function imageArchive(program: Buffer, images: readonly LocalImage[]): Buffer {
  const blobs = new Map<string, Buffer>();
  const keep = (mediaType: string, content: Buffer): Descriptor => {
    const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
    blobs.set(digest, content);
    return { mediaType, digest, size: content.length };
  };
  const keepJson = (mediaType: string, value: unknown): Descriptor => keep(mediaType, json(value));
  const programLayer = tarArchive([{ path: "program", content: program, mode: 0o755 }]);
  const manifests = images.map(({ name, tag, version }): Descriptor => {
    const versionLayer = tarArchive([{ path: "version", content: Buffer.from(version), mode: 0o644 }]);
    const layers = [programLayer, versionLayer].map((layer) => keep(`${TYPE}.layer.v1.tar`, layer));
    const config = keepJson(`${TYPE}.config.v1+json`, {
      architecture: process.arch === "x64" ? "amd64" : process.arch,
      os: "linux",
      config: { Entrypoint: ["/program", name] },
      rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
    });
    const mediaType = `${TYPE}.manifest.v1+json`;
    const manifest = keepJson(mediaType, { schemaVersion: 2, mediaType, config, layers });
    return { ...manifest, annotations: { "io.containerd.image.name": `docker.io/local/${name}:${tag}` } };
  });
  const index = { schemaVersion: 2, mediaType: `${TYPE}.index.v1+json`, manifests };
  return tarArchive([
    { path: "oci-layout", content: json({ imageLayoutVersion: "1.0.0" }), mode: 0o644 },
    { path: "index.json", content: json(index), mode: 0o644 },
    ...[...blobs].map(([digest, content]) => ({ path: `blobs/${digest.replace(":", "/")}`, content, mode: 0o644 })),
  ]);
}

interface TarEntry {
  readonly path: string;
  readonly content: Buffer;
  readonly mode: number;
}

const BLOCK = 512;

/** Plain files of root, without times: the same content gives the same bytes. */
function tarArchive(entries: readonly TarEntry[]): Buffer {
  const padding = (size: number): Buffer => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
  const blocks = entries.flatMap((entry) => [tarHeader(entry), entry.content, padding(entry.content.length)]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

/** POSIX ustar: texts and octal numbers at fixed places; the sum is taken with blanks in its own place. */
function tarHeader({ path, content, mode }: TarEntry): Buffer {
  const header = Buffer.alloc(BLOCK);
  const put = (offset: number, text: string): void => void header.write(text, offset, "latin1");
  const putNumber = (offset: number, width: number, value: number): void =>
    put(offset, `${value.toString(8).padStart(width - 1, "0")}\0`);
  put(0, path);
  putNumber(100, 8, mode);
  putNumber(108, 8, 0);
  putNumber(116, 8, 0);
  putNumber(124, 12, content.length);
  putNumber(136, 12, 0);
  put(148, " ".repeat(8));
  put(156, "0");
  put(257, "ustar\x0000");
  const sum = header.reduce((total, byte) => total + byte, 0);
  putNumber(148, 7, sum);
  return header;
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
