// Runs once beside a test run, in the process that starts its workers.
import { stopRuns } from "./test-cluster.ts";

/** Names the run to its workers and clears up after killed ones; answers what ends the run's own cluster. */
export default async function setup(): Promise<() => Promise<void>> {
  process.env.BUCKETWORKS_TEST_RUN = String(process.pid);
  await stopRuns();
  return stopRuns;
}
