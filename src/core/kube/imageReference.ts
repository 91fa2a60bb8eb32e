/** A container image as the Docker reference grammar reads it. */
export interface ImageReference {
  /** With registry and `library/` filled in: `docker.io/library/nginx`. */
  readonly repository: string;
  /** As written, without tag and digest: `nginx`. */
  readonly familiarName: string;
  readonly tag: string | undefined;
  /** `sha256:…` */
  readonly digest: string | undefined;
}

/**
 * `[registry[:port]/]path[:tag][@algorithm:hex]`.
 * @returns undefined when the text is no reference: empty, upper-case path, a bare 64-digit hex id, a digest of wrong length …
 */
export function parseImageReference(text: string): ImageReference | undefined {
  if (/^[0-9a-f]{64}$/.test(text)) return undefined;
  const groups = REFERENCE.exec(text)?.groups;
  if (!groups) return undefined;
  const { name, tag, digest } = groups as { name: string; tag?: string; digest?: string };
  if (digest !== undefined && !isKnownDigest(digest)) return undefined;
  const repository = normalise(name);
  return repository === undefined ? undefined : { repository, familiarName: name, tag, digest };
}

/** The tag a pull uses: the one written, `latest` when there is neither tag nor digest, none for a digest alone or a bad text. */
export function effectiveTag(image: string): string | undefined {
  const reference = parseImageReference(image);
  if (!reference) return undefined;
  return reference.tag ?? (reference.digest === undefined ? "latest" : undefined);
}

const DOMAIN_COMPONENT = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const DOMAIN = `(?:${DOMAIN_COMPONENT}(?:\\.${DOMAIN_COMPONENT})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const PATH_COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const NAME = `(?:${DOMAIN}/)?${PATH_COMPONENT}(?:/${PATH_COMPONENT})*`;
const DIGEST = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
const REFERENCE = new RegExp(`^(?<name>${NAME})(?::(?<tag>[\\w][\\w.-]{0,127}))?(?:@(?<digest>${DIGEST}))?$`);

const DEFAULT_REGISTRY = "docker.io";
const MAXIMUM_NAME = 255;

/** The first part is a registry only when it looks like a host: it has a dot, a port, an upper-case letter, or is localhost. */
function normalise(name: string): string | undefined {
  const slash = name.indexOf("/");
  const first = slash === -1 ? "" : name.slice(0, slash);
  const hasRegistry = /[.:]/.test(first) || first === "localhost" || first.toLowerCase() !== first;
  const registry = !hasRegistry || first === "index.docker.io" ? DEFAULT_REGISTRY : first;
  const rest = hasRegistry ? name.slice(slash + 1) : name;
  const path = registry === DEFAULT_REGISTRY && !rest.includes("/") ? `library/${rest}` : rest;
  if (path.toLowerCase() !== path) return undefined;
  return `${registry}/${path}`.length > MAXIMUM_NAME ? undefined : `${registry}/${path}`;
}

const DIGEST_LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

function isKnownDigest(digest: string): boolean {
  const [algorithm, hex] = digest.split(":") as [string, string];
  return DIGEST_LENGTHS[algorithm] === hex.length && /^[0-9a-f]+$/.test(hex);
}
