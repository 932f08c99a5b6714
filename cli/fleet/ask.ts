import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { EXIT } from "../ending/exit.ts";
import { untilInterrupted } from "../ending/signals.ts";
import { EngineRun } from "../pulumi/engine-run.ts";
import { policyArguments } from "../pulumi/policy-pack.ts";
import { runPulumi } from "../pulumi/run-pulumi.ts";
import type { Outcome } from "./run.ts";

/** What is said of one stack at most, characters. */
const SHORT = 160;

/** How each command asks a stack. */
export const ASK: Readonly<Record<FleetCommand, (root: string, stack: string, stage: string) => Promise<Outcome>>> = {
  preview,
  up,
  scan: (root, stack) => look(root, ["scan", "--stack", stack, "--format", "json"], findings),
  verify: (root, stack) => look(root, ["verify", "--stack", stack], lastLine),
};

export type FleetCommand = "preview" | "up" | "scan" | "verify";

interface Digest {
  readonly changeSummary?: Readonly<Record<string, number>>;
  readonly diagnostics?: readonly { readonly severity?: string; readonly message: string }[];
}

async function preview(root: string, stack: string, stage: string): Promise<Outcome> {
  const args = ["preview", "--stack", stack, ...policyArguments(root, stage), "--json"];
  const { code, stdout, stderr } = await runPulumi(root, process.env, args);
  const digest = stdout.startsWith("{") ? (JSON.parse(stdout) as Digest) : {};
  const errors = (digest.diagnostics ?? [])
    .filter(({ severity }) => severity === "error")
    .map(({ message }) => message);
  const said = [...errors, stderr].join("\n");
  if (code !== 0) return { code: EXIT.couldNotLook, what: short(said), said };
  return { code: EXIT.right, what: changes(digest.changeSummary ?? {}), said: stdout };
}

async function up(root: string, stack: string, stage: string): Promise<Outcome> {
  const lines: string[] = [];
  const run = new EngineRun((line) => lines.push(line));
  const args = ["up", "--stack", stack, ...policyArguments(root, stage), "--yes", "--skip-preview"];
  const code = await run.follow(root, process.env, args);
  const said = [...lines, ...run.complaints()].join("\n");
  if (code !== 0) return { code: EXIT.findings, what: short(run.complaints().join("\n")), said };
  const counts: Record<string, number> = {};
  for (const { op } of run.changes) counts[op] = (counts[op] ?? 0) + 1;
  return { code: EXIT.right, what: changes({ ...counts, same: run.same }), said };
}

/** `create 3, update 1, same 20`. */
function changes(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).filter(([, count]) => count > 0);
  return parts.map(([op, count]) => `${op} ${count}`).join(", ") || "no resources";
}

/** Asks by a command of ours in a process of its own: it keeps nothing of the other stacks. */
async function look(root: string, words: readonly string[], tell: (out: string) => string): Promise<Outcome> {
  return untilInterrupted(async (stop) => {
    const child = spawn(join(root, "bin", "bucketworks"), words, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    const end = (): void => void child.kill("SIGTERM");
    stop.addEventListener("abort", end, { once: true });
    let [out, said] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const [ended] = (await once(child, "close")) as [number | null];
    stop.removeEventListener("abort", end);
    const code = Object.values(EXIT).find((each) => each === ended) ?? EXIT.couldNotLook;
    const what = code === EXIT.right || code === EXIT.findings ? tell(out) : short(said);
    return { code, what, said: `${out}${said}` };
  });
}

function findings(out: string): string {
  const { findings = [] } = JSON.parse(out) as { findings?: readonly { readonly severity: string }[] };
  const counts: Record<string, number> = {};
  for (const { severity } of findings) counts[severity] = (counts[severity] ?? 0) + 1;
  return findings.length === 0 ? "as the specs say" : changes(counts);
}

function lastLine(out: string): string {
  return short(out.trimEnd().split("\n").at(-1) ?? "");
}

function short(text: string): string {
  const line = text.trim().split("\n")[0] ?? "";
  return line.length <= SHORT ? line : `${line.slice(0, SHORT - 1)}…`;
}
