import { isClusterError } from "../../cluster/clusterError.ts";

/** What is asked for; null: it is not there; undefined: we may not look. */
export async function found<T>(reading: Promise<T>): Promise<T | null | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isClusterError(error, "notFound")) return null;
    if (isClusterError(error, "forbidden")) return undefined;
    throw error;
  }
}
