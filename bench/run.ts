/**
 * `npm run bench [-- NAME…]`: each benchmark prints one JSON line. Figures are medians; every one stands beside a baseline taken in the
 * same process or the same minute, because figures of different machines and minutes cannot be compared. It runs bundled, as the program
 * does. Build first: `npm run build`.
 */
import { cpus } from "node:os";
import { admissionInProcess, injection, largePod, manySidecarSets } from "./admission.ts";
import { admissionOverHttps, soak } from "./overHttps.ts";
import { podEvents } from "./podEvents.ts";
import { demoStory, helpStart } from "./program.ts";
import { onRealCluster } from "./realCluster/ownProgram.ts";
import { rolloutBook } from "./rolloutBookProgram.ts";

const BENCHMARKS: Readonly<Record<string, () => Promise<object>>> = {
  injection,
  "admission-in-process": admissionInProcess,
  "large-pod": largePod,
  "many-sidecarsets": manySidecarSets,
  "admission-over-https": admissionOverHttps,
  "help-start": helpStart,
  "demo-story": demoStory,
  "rollout-book": rolloutBook,
  "pod-events": podEvents,
  soak,
  "pod-creation": onRealCluster("podCreation.ts"),
  "manager-size": onRealCluster("managerSize.ts"),
  rollout: onRealCluster("rollout.ts"),
  "write-kinds": onRealCluster("writeKinds.ts"),
};
/** Minutes long, so only when asked for. */
const ONLY_BY_NAME = ["soak", "pod-creation", "manager-size", "rollout", "write-kinds"];

const wanted = process.argv.slice(2);
for (const [benchmark, measure] of Object.entries(BENCHMARKS)) {
  if (wanted.length > 0 ? !wanted.includes(benchmark) : ONLY_BY_NAME.includes(benchmark)) continue;
  const figures = await measure();
  console.log(
    JSON.stringify({ benchmark, ...figures, node: process.version, cpu: cpus()[0]?.model, cores: cpus().length }),
  );
}
