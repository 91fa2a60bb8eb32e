import { ociArchive } from "../../image/ociArchive.ts";

/** A local image. Two tags of one name and version are two names of the same image. */
export interface LocalImage {
  readonly name: string;
  readonly tag: string;
  /** What its program answers at `/version`. */
  readonly version: string;
}

/**
 * Images as `docker.io/local/<name>:<tag>` in one archive that a container runtime imports, so that no registry is needed.
 * All share the layer of their one program, which gets the image's name as its argument.
 */
export function imageArchive(program: Buffer, images: readonly LocalImage[]): Buffer {
  const programLayer = [{ path: "program", content: program, mode: 0o755 }];
  const { bytes } = ociArchive(
    images.map(({ name, tag, version }) => ({
      reference: `docker.io/local/${name}:${tag}`,
      layers: [programLayer, [{ path: "version", content: Buffer.from(version), mode: 0o644 }]],
      config: { Entrypoint: ["/program", name] },
    })),
  );
  return bytes;
}
