import { describe } from "vitest";
import { NAMESPACES } from "../../src/cluster/resource.ts";
import { connect } from "../../src/kubeapi/connect.ts";
import { installSidecarSets } from "../contract/sidecarSetsKind.ts";
import { playAll } from "../stories/codes/codeStory.ts";
import { CodeWorld } from "../stories/codes/codeWorld.ts";
import { INJECTION_STORIES } from "../stories/codes/injectionStories.ts";
import { realKubeconfig } from "./kubeconfigOfRun.ts";
import { playNodes } from "./playedNodes.ts";

const SYSTEM_NAMESPACE = "kruise-system";

/** The rest is played on the embedded cluster alone. */
const PLAYED = ["I01", "I02", "I03", "I04", "I05", "I06", "I07", "I08"];

describe("why pods are as they are, on a real control plane", () => {
  playAll(
    INJECTION_STORIES.filter(({ code }) => PLAYED.includes(code)),
    startWorld,
  );
});

async function startWorld(): Promise<CodeWorld> {
  const cluster = await connect({ kubeconfig: realKubeconfig(), variables: {} });
  await installSidecarSets(cluster);
  await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: SYSTEM_NAMESPACE } });
  const nodes = await playNodes(cluster);
  return CodeWorld.start(cluster, realKubeconfig(), async () => {
    await nodes.stop();
    await cluster.delete(NAMESPACES, { name: SYSTEM_NAMESPACE });
    await cluster.close();
  });
}
