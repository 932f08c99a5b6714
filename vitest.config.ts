import { defineConfig, type TestProjectConfiguration } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";

const ALONE = ["test/{local,images}/**/*.test.ts", "test/kubernetes/lifecycle.test.ts"];

const setupFiles = "test/support/before-each-file.ts";

/**
 * Tiers: `unit` needs nothing, the others start real servers from the toolchain. CONTRIBUTING.md says what each proves.
 * Packages are loaded once a worker (`isolate`): Pulumi's alone take longer than the unit tests.
 */
export default defineConfig({
  test: {
    reporters: ["default", "./test/support/proof-reporter.ts", "./test/support/count-reporter.ts"],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "test/{config,builders,components,cli,docs,review,github,live,policy,scan,report,history,monitor,backup}/**/*.test.ts",
          ],
          isolate: false,
          setupFiles,
          maxWorkers: 2,
          // No promise is about time: on a machine that does something else besides, one test may take long.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      real({
        name: "real",
        include: ["test/{provider,verify,database,pipelines,notebooks,pages,toolchain,kubernetes,e2e}/**/*.test.ts"],
        exclude: ALONE,
        maxWorkers: 3,
        groupOrder: 1,
      }),
      // Supervision and locks are timed, ports and traces are the whole machine's: one file after another.
      real({ name: "alone", include: ALONE, maxWorkers: 1, groupOrder: 2 }),
    ],
  },
});

interface Tier {
  readonly name: string;
  readonly include: string[];
  readonly exclude?: string[];
  readonly globalSetup?: string;
  readonly maxWorkers: number;
  /** Tiers of another order run before or after this one, never beside it. */
  readonly groupOrder: number;
}

/** The tiers share one Kubernetes cluster, which the run stops. */
function real({ groupOrder, ...tier }: Tier): TestProjectConfiguration {
  const globalSetup = "test/support/kubernetes/test-run.ts";
  const limits = { testTimeout: 300_000, hookTimeout: 300_000 };
  return { test: { ...tier, ...limits, globalSetup, setupFiles, isolate: false, sequence: { groupOrder } } };
}
