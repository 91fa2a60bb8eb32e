import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["test/realCluster/**", "**/node_modules/**", "**/dist/**"],
    globalSetup: ["test/program/buildProgram.ts"],
    pool: "threads",
    testTimeout: 30_000,
  },
});
