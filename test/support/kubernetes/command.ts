// `make cluster-up`, `make cluster-down` and what `make test` needs first: node test/support/kubernetes/command.ts up|down|parts
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join, relative } from "node:path";
import { EXIT } from "../../../cli/ending/exit.ts";
import { withLock } from "../../../toolchain/cache/cache-lock.ts";
import { ROOT } from "../toolchain.ts";
import { BUSYBOX_IMAGE } from "./layout.ts";
import { findNode } from "./node.ts";
import { ownPlace } from "./place.ts";
import { ownHierarchies, whyNotHere } from "./possible.ts";
import { startCluster } from "./start.ts";
import { StartFailure } from "./start-failure.ts";
import { stopCluster } from "./stop.ts";
import { isWhole, ownMachine, stopRuns } from "./test-cluster.ts";

const say = (line: string) => void process.stdout.write(`${line}\n`);

/** Builds what is missing; its own lines say what. Answers the exit code. */
function buildParts(): number {
  const bootstrap = join(ROOT, "toolchain", "bootstrap.sh");
  return spawnSync("sh", [bootstrap, "--kubernetes", "--quiet"], { stdio: "inherit" }).status ?? EXIT.couldNotLook;
}

async function up(): Promise<number> {
  const reason = whyNotHere();
  if (reason !== undefined) {
    say(`cluster-up: ${reason}; docs/kubernetes-tests.md says how to use another cluster`);
    return EXIT.couldNotLook;
  }
  const built = buildParts();
  if (built !== 0) return built;
  const [machine, place, started] = [ownMachine(), ownPlace(), Date.now()];
  const running = isWhole(machine, place);
  if (!running) await startCluster(machine, place);
  say(running ? "cluster-up: it runs already" : `cluster-up: up in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  say(`  export KUBECONFIG=${place.kubeconfig}`);
  say(
    `  ${relative(process.cwd(), join(ROOT, ".bucketworks/toolchain/kubernetes/kubernetes/kubectl"))} run -it --rm try --image=${BUSYBOX_IMAGE} -- sh`,
  );
  say("  make cluster-down");
  return EXIT.right;
}

async function down(): Promise<number> {
  const [hierarchies, place] = [ownHierarchies(), ownPlace()];
  if (hierarchies === undefined) {
    say("cluster-down: nothing to do, no cluster can run here");
    return EXIT.right;
  }
  const running = findNode(hierarchies, place) !== undefined;
  await stopCluster(hierarchies, place);
  await stopRuns();
  say(running ? `cluster-down: stopped; logs are in ${place.logs}` : "cluster-down: nothing to do, none runs");
  return EXIT.right;
}

/** Where no cluster can be started, tests that need one are skipped: nothing to build. */
function parts(): number {
  const reason = whyNotHere();
  if (reason === undefined) return buildParts();
  say(`cluster: not here, ${reason}`);
  return EXIT.right;
}

const COMMANDS: Readonly<Record<string, () => number | Promise<number>>> = { up, down, parts };

async function main(name: string): Promise<number> {
  const command = COMMANDS[name];
  if (command === undefined) {
    say(`command.ts: must be given up, down or parts, got ${name || "nothing"}`);
    return EXIT.wrongUse;
  }
  const waiting = (pid: number) => say(`cluster-${name}: process ${pid} is at it, waiting`);
  if (name === "parts") return command();
  const { folder, lock } = ownPlace();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return withLock(lock, { signal: new AbortController().signal, waiting }, async () => command());
}

try {
  process.exitCode = await main(process.argv[2] ?? "");
} catch (error) {
  if (!(error instanceof StartFailure)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = EXIT.couldNotLook;
}
