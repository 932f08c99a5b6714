import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ServiceProgram } from "../../../toolchain/pieces/service-programs.ts";
import type { Checkout } from "../../checkout.ts";
import { untilInterrupted } from "../../ending/signals.ts";

/** Which programs are here, and why the others are not, a line each. */
export interface Had {
  readonly programs: ReadonlySet<ServiceProgram>;
  readonly lacking: readonly string[];
}

/** Has the toolchain get programs. One that can't be had keeps no other from coming. */
export async function getPrograms(
  checkout: Checkout,
  names: readonly ServiceProgram[],
  say: (line: string) => void,
): Promise<Had> {
  const said: string[] = [];
  const isHad = await untilInterrupted((stop) => asked(checkout, names, stop, (line) => said.push(line), say));
  if (isHad) return { programs: new Set(names), lacking: [] };
  const reason = [said[0], ...said.slice(1).slice(-1)].map((line = "") => line.trim()).join(" ");
  if (names.length === 1) return { programs: new Set(), lacking: [`${names[0]} can't be had: ${reason}`] };
  const each = [];
  for (const name of names) each.push(await getPrograms(checkout, [name], say));
  return {
    programs: new Set(each.flatMap(({ programs }) => [...programs])),
    lacking: each.flatMap(({ lacking }) => lacking),
  };
}

/**
 * @param fail is told each line of the reason why not
 * @param say is told each line of work
 */
async function asked(
  { root }: Checkout,
  names: readonly ServiceProgram[],
  signal: AbortSignal,
  fail: (line: string) => void,
  say: (line: string) => void,
): Promise<boolean> {
  const script = join(root, "toolchain", "bootstrap.sh");
  const args = ["--quiet", ...names.flatMap((name) => ["--service", name])];
  const child = spawn("sh", [script, ...args], { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
  const end = (): void => void child.kill("SIGTERM");
  signal.addEventListener("abort", end, { once: true });
  createInterface(child.stderr).on("line", (line) => {
    const work = /^toolchain: ((?:service\S*|victoria-logs): .*)$/.exec(line)?.[1];
    if (work === undefined) fail(line.replace(/^toolchain: /, ""));
    else say(work);
  });
  const [code] = await once(child, "close");
  signal.removeEventListener("abort", end);
  return code === 0;
}
