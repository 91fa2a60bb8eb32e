import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["test/realCluster/**", "test/realNode/**", "**/node_modules/**", "**/dist/**"],
    globalSetup: ["test/program/buildProgram.ts"],
    pool: "threads",
    // The default leaves one core idle, of two that is half of the machine.
    maxWorkers: "100%",
    testTimeout: 30_000,
  },
});
