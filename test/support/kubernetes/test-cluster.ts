import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { isAlive, withLock } from "../../../toolchain/cache/cache-lock.ts";
import { ROOT } from "../toolchain.ts";
import { TestCluster } from "./cluster.ts";
import { Kubectl } from "./kubectl.ts";
import { findNode } from "./node.ts";
import { findParts } from "./parts.ts";
import { ownPlace, type Place, placeAt } from "./place.ts";
import { ownHierarchies, whyNotHere } from "./possible.ts";
import { type Machine, startCluster } from "./start.ts";
import { stopCluster } from "./stop.ts";

/** Names a kubeconfig: tests use that cluster, with its current context, and start none. */
const OTHER = "BUCKETWORKS_TEST_KUBECONFIG";
/** Process id of the test run, set for its workers by test-run.ts. */
const RUN = "BUCKETWORKS_TEST_RUN";

/** Why there is no cluster for tests, as the reason of a skip; undefined when there is one. */
export function whyNoCluster(): string | undefined {
  if (process.env[OTHER]) return undefined;
  const reason =
    whyNotHere() ?? (findParts() === undefined ? "its parts are not built; make cluster-up does" : undefined);
  return reason && `no test cluster: ${reason}; ${OTHER}=FILE names another one (docs/kubernetes-tests.md)`;
}

/** What a start on this machine needs. @throws Error with the reason where it isn't possible */
export function ownMachine(): Machine {
  const [reason, hierarchies, parts] = [whyNoCluster(), ownHierarchies(), findParts()];
  if (reason !== undefined || hierarchies === undefined || parts === undefined) throw new Error(reason);
  return { hierarchies, parts };
}

let known: Promise<TestCluster> | undefined;

/**
 * The cluster of this test run: the one BUCKETWORKS_TEST_KUBECONFIG names, else the one of `make cluster-up` where it
 * runs, else one that the first caller starts and the end of the run stops.
 */
export function testCluster(): Promise<TestCluster> {
  known ??= findCluster();
  return known;
}

/** As `testCluster`, found anew. */
export async function findCluster(other = process.env[OTHER]): Promise<TestCluster> {
  if (other)
    return new TestCluster(new Kubectl(findParts()?.kubernetes, resolve(other)), undefined, async () => undefined);
  const machine = ownMachine();
  const kept = ownPlace();
  if (isWhole(machine, kept)) return clusterAt(machine, kept, async () => undefined);
  const place = placeOfRun(Number(process.env[RUN] ?? process.pid));
  mkdirSync(place.folder, { recursive: true, mode: 0o700 });
  const waiting = () => undefined;
  await withLock(place.lock, { signal: new AbortController().signal, waiting }, async () => {
    if (!isWhole(machine, place)) await startCluster(machine, place);
  });
  return clusterAt(machine, place, () => stopRun(place));
}

/** The cluster at a place, where one was started. */
export function clusterAt({ parts }: Machine, place: Place, stop: () => Promise<void>): TestCluster {
  return new TestCluster(new Kubectl(parts.kubernetes, place.kubeconfig), place, stop);
}

/** Whether a whole cluster runs at a place. */
export function isWhole({ hierarchies }: Machine, place: Place): boolean {
  return existsSync(place.kubeconfig) && findNode(hierarchies, place) !== undefined;
}

const RUNS = join(ROOT, ".bucketworks", "kubernetes-test-runs");

/** Each test run has a place of its own, so that two at once don't stop each other's. */
function placeOfRun(pid: number): Place {
  return placeAt(join(RUNS, String(pid)));
}

async function stopRun(place: Place): Promise<void> {
  const hierarchies = ownHierarchies();
  if (hierarchies !== undefined && existsSync(place.folder)) await stopCluster(hierarchies, place);
  rmSync(place.folder, { recursive: true, force: true });
}

/** Stops the cluster of this test run, and those that killed runs left. */
export async function stopRuns(): Promise<void> {
  const names = existsSync(RUNS) ? readdirSync(RUNS) : [];
  const ended = names.filter((name) => Number(name) === process.pid || !isAlive(Number(name)));
  for (const name of ended) await stopRun(placeOfRun(Number(name)));
  if (names.length > 0 && ended.length === names.length) rmSync(RUNS, { recursive: true });
}
