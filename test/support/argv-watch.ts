import { readdirSync, readFileSync } from "node:fs";

/** How often the processes of the machine are looked at, milliseconds. */
const INTERVAL = 25;

/** Collects the arguments of every process that any user of the machine could see while it watches (Linux). */
export class ArgvWatch {
  readonly #seen = new Set<string>();
  readonly #timer = setInterval(() => this.#look(), INTERVAL);

  /** Ends the watch. @returns the arguments of each process seen, a line each */
  stop(): string {
    clearInterval(this.#timer);
    return [...this.#seen].join("\n");
  }

  #look(): void {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        this.#seen.add(readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " "));
      } catch {
        // ended since
      }
    }
  }
}
