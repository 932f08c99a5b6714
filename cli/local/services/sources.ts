import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Checkout } from "../../checkout.ts";
import { untilInterrupted } from "../../ending/signals.ts";
import type { PythonEnvironment, Source } from "./kinds/kind.ts";
import { getPrograms } from "./programs.ts";

/** Where a service's program is. */
export function sourceFolder(source: Source, root: string): string {
  const own = join(root, ".bucketworks");
  return "program" in source
    ? join(own, "toolchain", "services", source.program)
    : join(own, "pipelines", source.environment);
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
  const has = (source: Source): boolean =>
    "program" in source ? programs.has(source.program) : there.has(source.environment);
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
