import { defineConfig } from "vitest/config";

// What takes minutes: random travel over every program of test/targets (npm run test:engine), many terminals at once (npm run test:load), recordings on disk
// (npm run test:record), random travel for as long as FRED_SOAK_MINUTES says (npm run test:soak).
export default defineConfig({
  test: {
    include: [
      "test/engine/**/*.test.ts",
      "test/load/**/*.test.ts",
      "test/record/**/*.test.ts",
      "test/soak/**/*.test.ts",
    ],
    globalSetup: "test/helpers/temporaryFolder.ts",
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
