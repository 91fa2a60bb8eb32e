import { EXIT } from "../exitCode.ts";
import { untilInterrupted } from "../interrupt.ts";
import { findSidecar, type SidecarOptions } from "../podSidecar/findSidecar.ts";
import { withCluster } from "../withCluster.ts";

interface LogsOptions extends SidecarOptions {
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly timestamps?: boolean;
  readonly tail?: number;
  /** Seconds. */
  readonly since?: number;
}

/** What the sidecar of a pod writes: of a hot-upgrade pair, the half that works. */
export async function logs(pod: string, options: LogsOptions): Promise<void> {
  const { follow, previous, timestamps, tail, since } = options;
  await withCluster(options, async (cluster) => {
    const { namespace, pod: name, container } = await findSidecar(cluster, pod, options);
    const stop = untilInterrupted();
    try {
      const query = {
        container,
        ...(follow && { follow }),
        ...(previous && { previous }),
        ...(timestamps && { timestamps }),
        ...(tail !== undefined && { tailLines: tail }),
        ...(since !== undefined && { sinceSeconds: since }),
      };
      for await (const chunk of cluster.podLog({ namespace, name }, query, stop.signal)) process.stdout.write(chunk);
      if (stop.signal.aborted) process.exitCode = EXIT.interrupted;
    } finally {
      stop.release();
    }
  });
}
