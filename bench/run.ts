/**
 * `npm run bench [-- NAME…]`: each benchmark prints one JSON line. Figures are medians; every one stands beside a baseline taken in the
 * same process or the same minute, because figures of different machines and minutes cannot be compared. It runs bundled, as the program
 * does. Build first: `npm run build`.
 */
import { cpus } from "node:os";
import { admissionInProcess, admissionOverHttps } from "./admission.ts";
import { demoStory, helpStart } from "./program.ts";

const BENCHMARKS: Readonly<Record<string, () => Promise<object>>> = {
  "admission-in-process": admissionInProcess,
  "admission-over-https": admissionOverHttps,
  "help-start": helpStart,
  "demo-story": demoStory,
};

const wanted = process.argv.slice(2);
for (const [benchmark, measure] of Object.entries(BENCHMARKS)) {
  if (wanted.length > 0 && !wanted.includes(benchmark)) continue;
  const figures = await measure();
  console.log(
    JSON.stringify({ benchmark, ...figures, node: process.version, cpu: cpus()[0]?.model, cores: cpus().length }),
  );
}
