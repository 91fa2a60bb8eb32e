import { createHash } from "node:crypto";
import { type TarEntry, tarArchive } from "./tarArchive.ts";

/** What an image is made of: one layer per list of entries, the lowest first. */
export interface ImageContent {
  /** Full name, `localhost/sidecarset:0.1.0`. */
  readonly reference: string;
  readonly layers: readonly (readonly TarEntry[])[];
  /** `config` of the image configuration: user, entrypoint, labels. */
  readonly config: Readonly<Record<string, unknown>>;
}

export interface OciArchive {
  readonly bytes: Buffer;
  /** Of each image's manifest, in their order: what `name@sha256:…` means. */
  readonly digests: readonly string[];
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

const TYPE = "application/vnd.oci.image";

/**
 * Images in one archive that container runtimes import and registry tools push. Layers are not compressed: whoever pushes them does that,
 * and the same files give the same digest whatever packed them. A layer of several images is stored once.
 * @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export function ociArchive(images: readonly ImageContent[]): OciArchive {
  const blobs = new Map<string, Buffer>();
  const keep = (mediaType: string, content: Buffer): Descriptor => {
    const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
    blobs.set(digest, content);
    return { mediaType, digest, size: content.length };
  };
  const keepJson = (mediaType: string, value: unknown): Descriptor => keep(mediaType, json(value));
  const manifests = images.map(({ reference, layers: content, config: given }): Descriptor => {
    const layers = content.map((entries) => keep(`${TYPE}.layer.v1.tar`, tarArchive(entries)));
    const config = keepJson(`${TYPE}.config.v1+json`, {
      architecture: process.arch === "x64" ? "amd64" : process.arch,
      os: "linux",
      config: given,
      rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
    });
    const mediaType = `${TYPE}.manifest.v1+json`;
    const manifest = keepJson(mediaType, { schemaVersion: 2, mediaType, config, layers });
    return { ...manifest, annotations: { "io.containerd.image.name": reference, [REFERENCE_NAME]: reference } };
  });
  const index = { schemaVersion: 2, mediaType: `${TYPE}.index.v1+json`, manifests };
  const bytes = tarArchive([
    { path: "oci-layout", content: json({ imageLayoutVersion: "1.0.0" }), mode: 0o644 },
    { path: "index.json", content: json(index), mode: 0o644 },
    ...[...blobs].map(([digest, content]) => ({ path: `blobs/${digest.replace(":", "/")}`, content, mode: 0o644 })),
  ]);
  return { bytes, digests: manifests.map(({ digest }) => digest) };
}

const REFERENCE_NAME = "org.opencontainers.image.ref.name";

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
