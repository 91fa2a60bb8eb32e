import { defineConfig } from "vitest/config";

/** Tests on a real node; `npm run test:node` starts one and names its cluster in the environment. */
export default defineConfig({
  test: {
    include: ["test/realNode/**/*.node.test.ts"],
    globalSetup: ["test/program/buildProgram.ts"],
    pool: "threads",
    fileParallelism: false,
    // A story goes on from where the case before left it.
    bail: 1,
    testTimeout: 90_000,
    hookTimeout: 90_000,
  },
});
