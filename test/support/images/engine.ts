import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withLock } from "../../../toolchain/cache/cache-lock.ts";
import { mustRun, type Result, run } from "../../../toolchain/process.ts";
import { clearGroups, componentGroups, type Hierarchies, makeGroups } from "../kubernetes/cgroups.ts";
import { IMAGES, initPackage } from "./packages.ts";

const READY_MS = 60_000;
/** The cgroup of everything that the engine runs. */
export const ENGINE_GROUP = "bucketworks-images";
/** Keeps the layers of earlier builds; one engine at a time uses it. */
export const ENGINE_DATA = join(IMAGES, "engine");

/** A Docker engine that tests have for themselves. */
export interface Engine {
  /** By which a program's own docker reaches it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Runs docker. @throws Error with its last lines when it fails */
  docker(...args: readonly string[]): Promise<string>;
  /** Runs docker, whatever its exit code. */
  try(...args: readonly string[]): Promise<Result>;
  /** Ends everything; the layers stay. */
  stop(): Promise<void>;
}

/** Starts the engine, behind everything else that the machine does. @throws Error with the end of its log */
export async function startEngine(packages: string, hierarchies: Hierarchies): Promise<Engine> {
  const init = join(await initPackage(), "usr/bin/tini-static");
  const release = await lock();
  // One that a killed run left.
  await clearGroups(hierarchies, ENGINE_GROUP);
  makeGroups(hierarchies, ENGINE_GROUP);
  const state = mkdtempSync(join(tmpdir(), "bucketworks-engine-"));
  const log = openSync(join(state, "log"), "a");
  const namespaces = ["--mount", "--pid", "--ipc", "--fork", "--kill-child=SIGKILL", "--mount-proc"];
  const script = join(import.meta.dirname, "engine.sh");
  const settings = join(import.meta.dirname, "engine.json");
  const members = componentGroups(hierarchies, ENGINE_GROUP);
  const command = ["sh", script, packages, ENGINE_DATA, state, ENGINE_GROUP, settings, init, ...members];
  // PATH alone: no secret and no proxy of the shell gets in.
  const engine = spawn("nice", ["-n", "10", "unshare", ...namespaces, ...command], {
    env: { PATH: process.env.PATH },
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const ended = once(engine, "exit");
  const stop = async () => {
    // The namespaces' first process gets it too: all of one group.
    if (engine.exitCode === null && engine.pid !== undefined) process.kill(-engine.pid, "SIGTERM");
    await ended;
    await clearGroups(hierarchies, ENGINE_GROUP);
    rmSync(state, { recursive: true, force: true });
    release();
  };
  const env = {
    PATH: process.env.PATH,
    DOCKER_HOST: `unix://${state}/docker.sock`,
    DOCKER_CONFIG: join(state, "config"),
    DOCKER_BUILDKIT: "1",
  };
  const docker = join(packages, "usr/bin/docker");
  const made: Engine = {
    env,
    docker: (...args) => mustRun("docker", docker, args, { env }),
    try: (...args) => run(docker, args, { env }),
    stop,
  };
  const deadline = Date.now() + READY_MS;
  while (!existsSync(join(state, "docker.sock")) || (await made.try("version")).code !== 0) {
    if (engine.exitCode !== null || Date.now() > deadline) {
      const said = readFileSync(join(state, "log"), "utf8").split("\n").slice(-8).join("\n  ");
      await stop();
      throw new Error(`the Docker engine doesn't answer; its last lines:\n  ${said}`);
    }
    await sleep(100);
  }
  return made;
}

/** Waits for other runs; answers what lets the next one in. */
async function lock(): Promise<() => void> {
  mkdirSync(IMAGES, { recursive: true });
  const waiting = (pid: number) => void process.stderr.write(`images: process ${pid} is at it, waiting\n`);
  return new Promise((entered, failed) => {
    withLock(
      join(IMAGES, "engine.lock"),
      { signal: new AbortController().signal, waiting },
      () => new Promise<void>((release) => entered(release)),
    ).catch(failed);
  });
}
