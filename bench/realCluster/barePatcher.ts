/** Sends the patches that it is given, so many at a time, as fast as the answers come, and knows nothing else; a process of its own. */
import type { JsonPatch } from "../../src/core/kube/jsonPatch.ts";
import { rawClient } from "./apiServerClient.ts";
import { inParallel, type PodName } from "./fleetOnServer.ts";

export interface BarePatches {
  readonly kubeconfig: string;
  readonly patches: readonly { readonly pod: PodName; readonly operations: JsonPatch }[];
  readonly atOnce: number;
}

/** When the first was sent, in milliseconds since the epoch. */
export interface BarePatched {
  readonly began: number;
}

const PROTOBUF = "application/vnd.kubernetes.protobuf, application/json";

process.on("message", (work: BarePatches) => {
  run(work).then(
    (result) => process.send!(result),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function run({ kubeconfig, patches, atOnce }: BarePatches): Promise<BarePatched> {
  const client = rawClient(kubeconfig, atOnce);
  const requests = patches.map(({ pod: { namespace, name }, operations }) => ({
    method: "PATCH" as const,
    path: `/api/v1/namespaces/${namespace}/pods/${name}?fieldManager=sidecarset`,
    contentType: "application/json-patch+json",
    accept: PROTOBUF,
    body: JSON.stringify(operations),
  }));
  // Connections are opened before: a manager has its own, too.
  await inParallel(atOnce, async () => void (await client.send({ method: "GET", path: "/version" })), atOnce);
  const began = Date.now();
  await inParallel(
    requests.length,
    async (index) => {
      const { status, body } = await client.send(requests[index]!);
      if (status !== 200) throw new Error(`${requests[index]!.path}: ${status} ${body.toString("utf8").slice(0, 300)}`);
    },
    atOnce,
  );
  await client.close();
  return { began };
}
