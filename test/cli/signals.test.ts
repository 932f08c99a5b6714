import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkoutAt } from "../../cli/checkout.ts";
import { ROOT } from "../support/toolchain.ts";

/** Stands for the engine: writes down which signals it gets; ends a moment after the first one that TOLERANCE permits. */
const ENGINE = `#!${process.execPath}
const { appendFileSync } = require("node:fs");
let left = Number(process.env.TOLERANCE ?? 0);
const told = (signal) => {
  appendFileSync("signals", signal + "\\n");
  if (left-- <= 0) setTimeout(() => process.exit(255), 200);
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, told);
// as Pulumi starts plugins: a group of its own in the same session
require("node:child_process").spawn("sh", ["-c", "set -m; sleep 300 >/dev/null 2>&1 & :"], { stdio: "ignore" });
appendFileSync("engines", process.pid + "\\n");
setInterval(() => undefined, 1000);
`;

/** A command like up: under the checkout's lock it runs an engine, and after that one more. */
const COMMAND = `
import { end } from ${JSON.stringify(`${ROOT}cli/run.ts`)};
import { listenForSignals } from ${JSON.stringify(`${ROOT}cli/ending/signals.ts`)};
import { runPulumi } from ${JSON.stringify(`${ROOT}cli/pulumi/run-pulumi.ts`)};
import { withLock } from ${JSON.stringify(`${ROOT}cli/local/checkout-lock.ts`)};
import { checkoutAt } from ${JSON.stringify(`${ROOT}cli/checkout.ts`)};
listenForSignals();
const root = process.cwd();
const engine = () => runPulumi(root, { ...process.env, PULUMI_BACKEND_URL: "file:///nowhere" }, ["up"]);
try {
  await withLock(checkoutAt(root), "up", async () => {
    await engine().catch(() => undefined);
    await engine();
  });
} catch (error) {
  end(error);
}
`;

/** The signal behind an exit code. */
const NAMES: Readonly<Record<number, NodeJS.Signals>> = { 129: "SIGHUP", 130: "SIGINT", 143: "SIGTERM" };

let folder: string;
const left = new Set<number>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bucketworks signals "));
  writeFileSync(join(folder, "pulumi"), ENGINE);
  chmodSync(join(folder, "pulumi"), 0o755);
  writeFileSync(join(folder, "command.ts"), COMMAND);
  writeFileSync(join(folder, "Makefile"), `up:\n\t@exec "${process.execPath}" command.ts\n`);
});

afterEach(() => {
  for (const pid of left) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // it has ended
    }
  }
  left.clear();
  rmSync(folder, { recursive: true, force: true });
});

const lines = (name: string): string[] =>
  existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8").trim().split("\n") : [];

/** As a shell starts it at a terminal, in a process group of its own; goes on once the engine runs. */
async function begun(
  program: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ child: ChildProcess; said: () => string }> {
  const [file = "", ...args] = program;
  const PATH = `${folder}:${process.env.PATH}`;
  const child = spawn(file, args, {
    cwd: folder,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PATH, ...env },
  });
  left.add(Number(child.pid));
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => (said += data));
  await expect.poll(() => lines("engines"), { timeout: 20_000 }).toHaveLength(1);
  for (const pid of lines("engines")) left.add(Number(pid));
  return { child, said: () => said };
}

const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

/** Every live process whose folder this is: commands, engines, plugins. */
function processesHere(): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`) === folder && isAlive(Number(pid));
    } catch {
      return false;
    }
  });
}

const alone = (signal: NodeJS.Signals) => (child: ChildProcess) => process.kill(Number(child.pid), signal);
const group = (signal: NodeJS.Signals) => (child: ChildProcess) => process.kill(-Number(child.pid), signal);

describe("one signal", { timeout: 60_000 }, () => {
  const command = [process.execPath, "command.ts"];
  test.each([
    ["Ctrl-C, to the group", command, group("SIGINT"), 130],
    ["SIGTERM to the command alone", command, alone("SIGTERM"), 143],
    ["SIGHUP to the command alone", command, alone("SIGHUP"), 129],
    ["SIGTERM to make alone", ["make", "up"], alone("SIGTERM"), 143],
    ["SIGINT to make alone", ["make", "up"], alone("SIGINT"), 130],
  ] as const)(
    "%s: the engine is interrupted once and awaited, nothing follows it, nothing stays",
    async (_, program, send, code) => {
      const { child, said } = await begun(program);
      const ended = once(child, "close");
      send(child);
      const [exit, signal] = (await ended) as [number | null, NodeJS.Signals | null];
      // make ends by the signal itself, or says how its recipe ended
      const error = /Error \d+/.exec(said())?.[0];
      if (program[0] === "make") {
        const ends = [
          [null, NAMES[code], error],
          [2, null, `Error ${code}`],
        ];
        expect(ends, said()).toContainEqual([exit, signal, error]);
      } else expect(exit, said()).toBe(code);
      expect(said()).toContain("nothing more was begun");
      expect(lines("signals")).toEqual(["SIGINT"]);
      expect(lines("engines")).toHaveLength(1);
      expect(existsSync(checkoutAt(folder).lock)).toBe(false);
      expect(processesHere()).toEqual([]);
    },
  );

  test("a further one makes the engine leave at once, the third ends it and its plugins", async () => {
    const { child } = await begun(command, { TOLERANCE: "9" });
    const ended = once(child, "close");
    for (let count = 1; count <= 3; count++) {
      process.kill(Number(child.pid), "SIGINT");
      if (count < 3) await expect.poll(() => lines("signals"), { timeout: 10_000 }).toHaveLength(count);
      await new Promise((resolve) => setTimeout(resolve, 1100));
    }
    expect(await ended).toEqual([130, null]);
    expect(lines("signals")).toEqual(["SIGINT", "SIGINT"]);
    expect(processesHere()).toEqual([]);
  });

  test("an engine whose command was killed is interrupted by its end, not left to go on", async () => {
    const { child } = await begun(command);
    group("SIGKILL")(child);
    await expect.poll(() => lines("signals"), { timeout: 10_000 }).toEqual(["SIGINT"]);
    await expect.poll(() => isAlive(Number(lines("engines")[0])), { timeout: 10_000 }).toBe(false);
  });

  test("an engine that was killed takes its plugins along", async () => {
    const { child } = await begun(command);
    process.kill(Number(lines("engines")[0]), "SIGKILL");
    await expect.poll(() => lines("engines"), { timeout: 20_000 }).toHaveLength(2);
    // the shell that starts the plugin may still be there
    await expect.poll(processesHere, { timeout: 20_000 }).toHaveLength(4);
    const ended = once(child, "close");
    child.kill("SIGTERM");
    expect(await ended).toEqual([143, null]);
    expect(processesHere()).toEqual([]);
  });
});

/** Stands for bin/bucketworks: says that it runs, and ends as told a moment after a signal. */
const WRAPPER = `#!${process.execPath}
const { appendFileSync } = require("node:fs");
for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
  process.on(signal, () => {
    appendFileSync("signals", signal + "\\n");
    setTimeout(() => process.exit(code), 300);
  });
}
appendFileSync("engines", process.pid + "\\n");
setInterval(() => undefined, 1000);
`;

describe("a recipe that has work left after its command", { timeout: 60_000 }, () => {
  beforeEach(() => {
    for (const name of [".ci", "bin"]) mkdirSync(join(folder, name));
    copyFileSync(join(ROOT, "Makefile"), join(folder, "Makefile"));
    copyFileSync(join(ROOT, ".ci", "attended.sh"), join(folder, ".ci", "attended.sh"));
    writeFileSync(join(folder, ".ci", "environment.sh"), "");
    writeFileSync(join(folder, "bin", "bucketworks"), WRAPPER, { mode: 0o755 });
    // an archive with nothing in it
    writeFileSync(join(folder, "git"), "#!/bin/sh\nhead -c 10240 /dev/zero\n", { mode: 0o755 });
  });

  const review = (name: string): string => join(".bucketworks", "review", "dev", name);
  test.each([
    ["scan", "SIGTERM to make alone", alone("SIGTERM"), "SIGTERM", 143],
    ["scan", "Ctrl-C, to the group", group("SIGINT"), "SIGINT", 130],
    ["preview", "SIGTERM to make alone", alone("SIGTERM"), "SIGTERM", 143],
  ] as const)("make %s, %s: the command ends first, and nothing else begins", async (target, _, send, name, code) => {
    const { child, said } = await begun(["make", "-o", "packages", target]);
    const ended = once(child, "close");
    send(child);
    await ended;
    expect([...new Set(lines("signals"))], said()).toEqual([name]);
    expect(lines("engines")).toHaveLength(1);
    expect(processesHere()).toEqual([]);
    expect(lines(review("scan.exit"))).toEqual(target === "scan" ? [String(code)] : []);
  });
});
