import { ClusterError } from "../../cluster/clusterError.ts";

/**
 * The frames of a watch over protobuf: four bytes that say how many follow, then these. A last frame cut off by a lost connection is
 * dropped: its event comes again.
 */
export async function* frames(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let pending: Buffer[] = [];
  let size = 0;
  let wanted = PREFIX;
  for await (const chunk of chunks) {
    pending.push(chunk);
    size += chunk.length;
    if (size < wanted) continue;
    let bytes = pending.length === 1 ? chunk : Buffer.concat(pending, size);
    for (wanted = sizeOfFirst(bytes); wanted <= bytes.length; wanted = sizeOfFirst(bytes)) {
      yield bytes.subarray(PREFIX, wanted);
      bytes = bytes.subarray(wanted);
    }
    pending = [bytes];
    size = bytes.length;
  }
}

const PREFIX = 4;
/** Far beyond the largest object that an API server stores. */
const LARGEST_FRAME = 64 * 1024 * 1024;

/** The first frame with its prefix; as much as is needed to tell when even that is not here. */
function sizeOfFirst(bytes: Buffer): number {
  if (bytes.length < PREFIX) return PREFIX;
  const length = bytes.readUInt32BE(0);
  if (length <= LARGEST_FRAME) return PREFIX + length;
  throw new ClusterError("unavailable", `the watch announced an event of ${length} bytes: it sends no protobuf frames`);
}
