import { defineConfig } from "vitest/config";

/** Tests against a real control plane; `npm run test:real` starts one and names it in the environment. */
export default defineConfig({
  test: {
    include: ["test/realCluster/**/*.real.test.ts"],
    globalSetup: ["test/program/buildProgram.ts"],
    setupFiles: ["test/realCluster/leftRegistrations.ts"],
    pool: "threads",
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
