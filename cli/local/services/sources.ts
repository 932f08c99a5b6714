import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { findOnPath } from "../../../toolchain/sources/on-path.ts";
import type { Checkout } from "../../checkout.ts";
import { untilInterrupted } from "../../ending/signals.ts";
import type { OnPath, PythonEnvironment, Source } from "./kinds/kind.ts";
import { getPrograms } from "./programs.ts";

/** Where a service's program is. */
export function sourceFolder(source: Source, root: string): string {
  const own = join(root, ".bucketworks");
  // Where it isn't there, its file is none that runs.
  if ("onPath" in source) return homeOnPath(source) ?? join(own, "nowhere", source.onPath);
  return "program" in source
    ? join(own, "toolchain", "services", source.program)
    : join(own, "pipelines", source.environment);
}

/** What belongs to a program on PATH: the folder above its own, or one of those that packages use. */
function homeOnPath({ onPath, homes, homeHas }: OnPath): string | undefined {
  const file = findOnPath(onPath);
  if (file === undefined) return undefined;
  return [dirname(dirname(file)), ...homes].find(
    (home) => existsSync(join(home, homeHas)) && existsSync(join(home, "bin", onPath)),
  );
}

/** Whether nobody has installed a program that nothing gets. */
export function isNowhere(source: Source): boolean {
  return "onPath" in source && homeOnPath(source) === undefined;
}

/** Which sources are here, and why the others are not, a line each. */
interface Had {
  readonly has: (source: Source) => boolean;
  readonly lacking: readonly string[];
}

/** Has the toolchain get programs and environments. One that can't be had keeps no other from coming. */
export async function getSources(
  checkout: Checkout,
  sources: readonly Source[],
  say: (line: string) => void,
): Promise<Had> {
  const names = [...new Set(sources.flatMap((source) => ("program" in source ? [source.program] : [])))];
  const environments = new Set(sources.flatMap((source) => ("environment" in source ? [source.environment] : [])));
  const { programs, lacking } =
    names.length === 0 ? { programs: new Set(), lacking: [] } : await getPrograms(checkout, names, say);
  const there = new Set<PythonEnvironment>();
  const missing = [...lacking];
  for (const environment of environments) {
    const said: string[] = [];
    const isThere = await untilInterrupted((stop) => installed(checkout, environment, stop, (line) => said.push(line)));
    if (isThere) there.add(environment);
    else missing.push(`Python's packages of ${environment} can't be had: ${said.slice(-2).join(" ")}`);
  }
  const has = (source: Source): boolean => {
    if ("onPath" in source) return !isNowhere(source);
    return "program" in source ? programs.has(source.program) : there.has(source.environment);
  };
  return { has, lacking: missing };
}

async function installed(
  { root }: Checkout,
  environment: PythonEnvironment,
  signal: AbortSignal,
  fail: (line: string) => void,
): Promise<boolean> {
  const script = join(root, "toolchain", "pipelines.sh");
  const child = spawn("sh", [script, `--${environment}`], { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
  const end = (): void => void child.kill("SIGTERM");
  signal.addEventListener("abort", end, { once: true });
  createInterface(child.stderr).on("line", (line) => fail(line.replace(/^toolchain: /, "").trim()));
  const [code] = await once(child, "close");
  signal.removeEventListener("abort", end);
  return code === 0;
}
