/** One entry of a tar archive; a path that ends in `/` is a folder. */
export interface TarEntry {
  /** Relative, at most 100 bytes. */
  readonly path: string;
  readonly content: Buffer;
  readonly mode: number;
}

const BLOCK = 512;
const NAME_BYTES = 100;

/** Plain files and folders of root, without times: the same content gives the same bytes. */
export function tarArchive(entries: readonly TarEntry[]): Buffer {
  const padding = (size: number): Buffer => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
  const blocks = entries.flatMap((entry) => [tarHeader(entry), entry.content, padding(entry.content.length)]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

/** POSIX ustar: texts and octal numbers at fixed places; the sum is taken with blanks in its own place. */
function tarHeader({ path, content, mode }: TarEntry): Buffer {
  if (Buffer.byteLength(path) > NAME_BYTES) throw new Error(`${path} is longer than ${NAME_BYTES} bytes`);
  const header = Buffer.alloc(BLOCK);
  const put = (offset: number, text: string): void => void header.write(text, offset, "latin1");
  const putNumber = (offset: number, width: number, value: number): void =>
    put(offset, `${value.toString(8).padStart(width - 1, "0")}\0`);
  header.write(path, "utf8");
  putNumber(100, 8, mode);
  putNumber(108, 8, 0);
  putNumber(116, 8, 0);
  putNumber(124, 12, content.length);
  putNumber(136, 12, 0);
  put(148, " ".repeat(8));
  put(156, path.endsWith("/") ? "5" : "0");
  put(257, "ustar\x0000");
  const sum = header.reduce((total, byte) => total + byte, 0);
  putNumber(148, 7, sum);
  return header;
}
