import { defineConfig } from "vitest/config";

/** Tiers: `unit` needs nothing, the others start real servers from the toolchain. CONTRIBUTING.md says what each proves. */
export default defineConfig({
  test: {
    reporters: ["default", "./test/support/count-reporter.ts"],
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/{config,builders,components,cli,docs,review,github,policy,scan}/**/*.test.ts"],
        },
      },
      {
        test: {
          name: "real",
          include: ["test/{provider,toolchain,local,verify,e2e}/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
