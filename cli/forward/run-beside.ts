import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { CommandError, EXIT } from "../ending/exit.ts";
import { attended, type Interrupted } from "../ending/signals.ts";

/**
 * Runs a command to its end; it decides when it ends. A terminal's Ctrl-C reaches it without us: sent once more, it would
 * be the second one, by which Pulumi leaves at once and loses what it is just making.
 * @returns its exit code
 * @throws CommandError when it can't be run
 */
export async function runBeside([file = "", ...args]: readonly string[]): Promise<number> {
  const child = spawn(file, args, { stdio: "inherit" });
  const ended = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  const work = (stop: AbortSignal): typeof ended => {
    const pass = (): void => {
      const { signal } = stop.reason as Interrupted;
      if (signal !== "SIGINT") child.kill(signal);
    };
    stop.addEventListener("abort", pass, { once: true });
    return ended;
  };
  try {
    const [code, signal] = await attended(work, () => undefined);
    return code ?? 128 + constants.signals[signal ?? "SIGTERM"];
  } catch (error) {
    const { code = "no reason is known" } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "there is no such command on PATH" : code;
    throw new CommandError(`forward: can't run ${file}: ${reason}`, EXIT.wrongUse);
  }
}
