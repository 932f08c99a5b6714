import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { CommandError, EXIT } from "../exit.ts";

/**
 * Runs pulumi commands in a checkout, in the shell's own environment where that names a backend, else in the one of
 * `toolchain/env.sh`.
 * @returns a function that answers what a command prints, and throws CommandError with its complaint
 */
export function pulumiIn(root: string, env: NodeJS.ProcessEnv): (args: readonly string[]) => Promise<string> {
  const script = `${env.PULUMI_BACKEND_URL ? "" : ". ./toolchain/env.sh && "}exec pulumi "$@"`;
  return async (args) => {
    const child = spawn("sh", ["-c", script, "pulumi", ...args, "--non-interactive"], {
      cwd: root,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [printed, complaint, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close"),
    ]);
    if (code === 0) return printed;
    throw new CommandError(`pulumi ${args.slice(0, 2).join(" ")} failed: ${complaint.trim()}`, EXIT.couldNotLook);
  };
}
