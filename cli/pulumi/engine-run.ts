import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { type EngineEvent, engineEvent } from "./events.ts";
import { identityFault } from "./identity-faults.ts";
import { runPulumiProcess } from "./process.ts";

/** How many lines of an engine that failed without a message are shown. */
const LAST_LINES = 20;
const SIGNS: Readonly<Record<string, string>> = { create: "+", update: "~", delete: "-", import: "=" };

/** What the engine did to one resource; `op` is its word for it: create, update, delete ... */
export interface Change {
  readonly op: string;
  readonly type: string;
  readonly name: string;
}

/** One update or destroy by the engine: what it said, gathered while it speaks. */
export class EngineRun {
  readonly changes: Change[] = [];
  /** How many resources were left as they were. */
  same = 0;
  readonly #errors = new Set<string>();
  readonly #plain: string[] = [];
  readonly #tell: (line: string) => void;

  /** @param tell is told each change and each message that is no error, a line each */
  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  /** Runs it to its end; `--json` is added. @returns its exit code @throws Interrupted after a signal */
  async follow(root: string, env: NodeJS.ProcessEnv, args: readonly string[]): Promise<number> {
    const { code } = await runPulumiProcess(root, env, [...args, "--json"], (child) =>
      linesOf(child, { stdout: (line) => this.#take(engineEvent(line)), stderr: (line) => this.#take(line) }),
    );
    return code;
  }

  /** Its error messages; where it has none (it failed before its events began), its last lines. */
  complaints(): string[] {
    return this.#errors.size > 0 ? [...new Set([...this.#errors].map(identityFault))] : this.#plain.slice(-LAST_LINES);
  }

  #take(event: EngineEvent | string | undefined): void {
    if (typeof event === "string") this.#plain.push(event);
    else if (event?.kind === "message" && event.severity === "error") this.#errors.add(event.text);
    else if (event?.kind === "message") this.#tell(`${event.severity}: ${event.text}`);
    else if (event?.kind === "summary") this.same = event.changes.same ?? 0;
    else if (event?.kind === "changed") {
      this.changes.push(event);
      this.#tell(`  ${SIGNS[event.op] ?? event.op} ${event.type} ${event.name}`);
    }
  }
}

/** Gives each line as it is said, until the process has said all. */
async function linesOf(
  child: ChildProcess,
  take: Readonly<Record<"stdout" | "stderr", (line: string) => void>>,
): Promise<void> {
  const ends = (["stdout", "stderr"] as const).map((stream) => {
    const input = child[stream];
    return input === null ? undefined : once(createInterface({ input }).on("line", take[stream]), "close");
  });
  await Promise.all(ends);
}
