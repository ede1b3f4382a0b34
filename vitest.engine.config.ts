import { defineConfig } from "vitest/config";

// The long proof of the engine: random travel over every program of test/targets (npm run test:engine, some minutes).
export default defineConfig({
  test: {
    include: ["test/engine/**/*.test.ts"],
    globalSetup: "test/helpers/temporaryFolder.ts",
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
