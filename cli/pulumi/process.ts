import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { untilInterrupted } from "../ending/signals.ts";
import { tell } from "../terminal/print.ts";
import { endRest, killSession } from "./session.ts";

/** How long an engine may take to finish what it is making once it was interrupted, milliseconds. */
const GRACE = 30_000;
/** How long it may take after it was told a second time, by which it leaves at once, milliseconds. */
const LAST_GRACE = 5000;
/** How long plugins may outlive an engine that failed, milliseconds. */
const PLUGIN_GRACE = 2000;

/**
 * The engine and its plugins are a session of their own: a terminal's Ctrl-C doesn't reach them, so that one order from
 * us is exactly one; the second is the one by which Pulumi leaves at once and loses what it is just making. Should the
 * command itself be killed, its end of standard input closes: the engine is interrupted then, too, and killed where it
 * doesn't end. `$$` is the pid of all that this shell becomes, and its group's.
 */
const LEASH = `exec 3<&0 </dev/null
{ trap '' INT TERM HUP
  read -r _ <&3 && exit
  kill -INT -$$
  left=${GRACE / 1000}
  while [ $left -gt 0 ] && kill -0 $$; do sleep 1; left=$((left - 1)); done
  kill -KILL -$$
} >/dev/null 2>&1 &
exec 3<&-
`;

/**
 * Runs a pulumi command in the checkout at `root` to its end. A signal to us interrupts it, once, and it is awaited.
 * @param env where it names no backend, `toolchain/env.sh` says where backend, passphrase and plugins are
 * @param listen is given the process, to read what it says
 * @returns its exit code; 1 stands for the end by a signal
 * @throws Interrupted after a signal, once all has ended
 */
export async function runPulumiProcess<T>(
  root: string,
  env: NodeJS.ProcessEnv,
  args: readonly string[],
  listen: (child: ChildProcess) => Promise<T>,
): Promise<{ code: number; said: T }> {
  let again = (): void => undefined;
  return untilInterrupted(
    async (stop) => {
      const script = `${LEASH}${env.PULUMI_BACKEND_URL ? "" : ". ./toolchain/env.sh && "}exec pulumi "$@"`;
      const child = spawn("sh", ["-c", script, "pulumi", ...args, "--non-interactive"], {
        cwd: root,
        env,
        detached: true,
      });
      const leader = Number(child.pid);
      const timers: NodeJS.Timeout[] = [];
      const kill = (): void => killSession(leader);
      again = () => {
        interrupt(leader);
        timers.push(setTimeout(kill, LAST_GRACE));
        again = kill;
      };
      const end = (): void => {
        tell("\ninterrupted: nothing new is begun, what is being made is finished; once more ends it at once");
        interrupt(leader);
        timers.push(setTimeout(() => again(), GRACE));
      };
      stop.addEventListener("abort", end, { once: true });
      // The end of the shell's watch: it sees a line where the engine has ended, and nothing where we have.
      child.stdin?.on("error", () => undefined);
      child.once("exit", () => child.stdin?.end("ended\n"));
      try {
        const [said, [code]] = await Promise.all([listen(child), once(child, "close")]);
        if (code !== 0) await endRest(leader, PLUGIN_GRACE);
        return { code: typeof code === "number" ? code : 1, said };
      } finally {
        for (const timer of timers) clearTimeout(timer);
        stop.removeEventListener("abort", end);
      }
    },
    () => again(),
  );
}

function interrupt(leader: number): void {
  try {
    process.kill(-leader, "SIGINT");
  } catch {
    // it has ended
  }
}
