import { createHash } from "node:crypto";
import { parseImageReference } from "../../core/kube/imageReference.ts";

/** What the registries hold and how their programs behave: the part of the world that a story scripts. */
export interface ContainerImages {
  canPull(image: string): boolean;
  /** Two names of one image have one identity. */
  identityOf(image: string): string;
  /** Whether its readiness probe ever passes; asked only of containers that have one. */
  becomesReady(image: string): boolean;
  /** Whether the program ends with exit code 1 soon after its start. */
  crashes(image: string): boolean;
}

/** Every image works, but for those whose name says otherwise: `bad.invalid/…`, or a tag with `missing`, `unready` or `crash` in it. */
export const IMAGES_BY_NAME: ContainerImages = {
  canPull: (image) => parseImageReference(image) !== undefined && !/^bad\.invalid\/|[:-]missing/.test(image),
  identityOf: runtimeName,
  becomesReady: (image) => !/[:-]unready/.test(image),
  crashes: (image) => /[:-]crash/.test(image),
};

/** How containerd names an image in a status: `logtail` → `docker.io/library/logtail:latest`. */
export function runtimeName(image: string): string {
  const reference = parseImageReference(image);
  if (!reference) return image;
  if (reference.digest !== undefined) return `${reference.repository}@${reference.digest}`;
  return `${reference.repository}:${reference.tag ?? "latest"}`;
}

/** `docker.io/library/logtail@sha256:…`: the digest of the image's content, here of its identity. */
export function imageId(image: string, images: ContainerImages): string {
  const reference = parseImageReference(image);
  const digest = reference?.digest ?? `sha256:${createHash("sha256").update(images.identityOf(image)).digest("hex")}`;
  return `${reference?.repository ?? image}@${digest}`;
}
