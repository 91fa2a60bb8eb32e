import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["test/realCluster/**", "**/node_modules/**", "**/dist/**"],
    pool: "threads",
    testTimeout: 20_000,
  },
});
