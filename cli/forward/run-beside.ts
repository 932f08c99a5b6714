import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { CommandError, EXIT } from "../exit.ts";

/**
 * Runs a command to its end; it decides when it ends. A terminal's Ctrl-C reaches it without us: sent once more, it would
 * be the second one, by which Pulumi leaves at once and loses what it is just making.
 * @returns its exit code
 * @throws CommandError when it can't be run
 */
export async function runBeside([file = "", ...args]: readonly string[]): Promise<number> {
  const child = spawn(file, args, { stdio: "inherit" });
  const stay = (): void => undefined;
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on("SIGINT", stay).on("SIGTERM", pass).on("SIGHUP", pass);
  try {
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + constants.signals[signal ?? "SIGTERM"];
  } catch (error) {
    const { code = "no reason is known" } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "there is no such command on PATH" : code;
    throw new CommandError(`forward: can't run ${file}: ${reason}`, EXIT.wrongUse);
  } finally {
    process.off("SIGINT", stay).off("SIGTERM", pass).off("SIGHUP", pass);
  }
}
