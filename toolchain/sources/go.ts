import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../fault.ts";
import type { Work } from "../pieces/piece.ts";
import { goDirective } from "../pins.ts";
import { mustRun, run } from "../process.ts";

/** A command in one of the Go modules under `toolchain/go`. */
export interface GoBuild {
  /** Folder with go.mod and go.sum. */
  readonly folder: string;
  readonly target: string;
  /** Go variables stamped at link time, by full name. */
  readonly stamps: Readonly<Record<string, string>>;
  /** Build tags. */
  readonly tags?: readonly string[];
  readonly output: string;
}

/** Compares versions like `1.26.5`. */
export function isOlder(found: string, wanted: string): boolean {
  const [left, right] = [found, wanted].map((version) => version.split(".").map(Number));
  for (const index of [0, 1, 2]) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/**
 * Checks that there is a Go that can build the module.
 * @throws Fault with one sentence when it is missing or too old
 */
async function checkGo(folder: string, signal: AbortSignal): Promise<void> {
  const wanted = goDirective(readFileSync(join(folder, "go.mod"), "utf8"));
  const { code, stdout } = await run("go", ["version"], { signal, env: { ...process.env, GOTOOLCHAIN: "local" } });
  const found = /go(\d+\.\d+(?:\.\d+)?)/.exec(stdout)?.[1];
  const need = `Go ${wanted} or later is needed to build what can't be downloaded here`;
  if (code !== 0 || !found) throw new Fault(`${need}, and there is no go on PATH; install it from https://go.dev/dl`);
  if (isOlder(found, wanted))
    throw new Fault(`${need}, and the go on PATH is ${found}; install a later one from https://go.dev/dl`);
}

/** How far the compiler's heap may grow before it is collected, in 100 of what lives: a quarter less processor time than by its default of 100. */
const GROWTH = "400";

/** What Go is told by its environment: nothing of the user's own settings changes what is built. */
function goEnvironment(work: Work): NodeJS.ProcessEnv {
  const own = {
    CGO_ENABLED: "0",
    GOFLAGS: "",
    GOWORK: "off",
    GOTOOLCHAIN: "local",
    GOTMPDIR: work.scratch,
    GOGC: GROWTH,
  };
  return { ...process.env, ...own };
}

/** Brings one module into Go's cache, checked by go.sum, and answers its folder there. Nobody may write to it. */
export async function moduleFolder(folder: string, module: string, work: Work): Promise<string> {
  await checkGo(folder, work.signal);
  const options = { cwd: folder, signal: work.signal, env: goEnvironment(work) };
  await mustRun(`fetching ${module}`, "go", ["mod", "download", module], options);
  return (await mustRun(`fetching ${module}`, "go", ["list", "-m", "-f", "{{.Dir}}", module], options)).trim();
}

/** Builds one command from pinned modules: nothing but go.mod and go.sum decides what is compiled. */
export async function buildGo(build: GoBuild, work: Work): Promise<void> {
  await checkGo(build.folder, work.signal);
  const stamps = Object.entries(build.stamps).map(([name, value]) => `-X ${name}=${value}`);
  const tags = build.tags === undefined ? [] : ["-tags", build.tags.join(",")];
  const flags = [
    "-mod=readonly",
    "-trimpath",
    "-buildvcs=false",
    ...tags,
    "-ldflags",
    ["-s", "-w", ...stamps].join(" "),
  ];
  await mustRun(`building ${build.target}`, "go", ["build", ...flags, "-o", build.output, build.target], {
    cwd: build.folder,
    signal: work.signal,
    env: goEnvironment(work),
  });
}
