// Runs once beside a test run, in the process that starts its workers.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { COMPILED } from "../compiled.ts";
import { stopRuns, whyNoCluster } from "./test-cluster.ts";

/**
 * Names the run to its workers, says why tests of Kubernetes are skipped where they are, and clears up after killed ones.
 * All checkouts of the run keep Node's compiled code in one place. Each tier calls it; the first call counts.
 * @returns what ends the run's own cluster
 */
export default async function setup(): Promise<() => Promise<void>> {
  const run = String(process.pid);
  if (process.env.BUCKETWORKS_TEST_RUN === run) return async () => undefined;
  process.env.BUCKETWORKS_TEST_RUN = run;
  const reason = whyNoCluster();
  if (reason !== undefined) process.stderr.write(`skipped, ${reason}\n`);
  const compiled = mkdtempSync(join(tmpdir(), "bucketworks-compiled-"));
  process.env[COMPILED] = compiled;
  // Hundreds of short runs of Go programs: more memory for each, less time.
  process.env.GOGC ??= "400";
  await stopRuns();
  return async () => {
    await stopRuns();
    // A process that was killed a moment ago may still write there.
    rmSync(compiled, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };
}
