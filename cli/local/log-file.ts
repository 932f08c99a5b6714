import { appendFileSync, existsSync, readFileSync, renameSync, statSync } from "node:fs";

const LOG_LIMIT = 5 * 1024 * 1024;

/** A log that moves to `<name>.1` when it has grown to 5 MiB, so that it never takes more than twice that. */
export class LogFile {
  readonly path: string;
  #size: number;

  constructor(path: string) {
    this.path = path;
    this.#size = existsSync(path) ? statSync(path).size : 0;
  }

  /** Adds output of the server as it came. */
  write(chunk: Buffer | string): void {
    if (this.#size > LOG_LIMIT) {
      renameSync(this.path, `${this.path}.1`);
      this.#size = 0;
    }
    appendFileSync(this.path, chunk, { mode: 0o600 });
    this.#size += chunk.length;
  }

  /** Adds one line of the supervisor's own. */
  note(text: string): void {
    this.write(`${new Date().toISOString()} bucketworks: ${text}\n`);
  }
}

/** The last lines of a log, indented for an error message; says so when there is none. */
export function lastLines(path: string, from = 0, count = 15): string {
  if (!existsSync(path)) return "  (no log yet)";
  const text = readFileSync(path).subarray(from).toString("utf8").trimEnd();
  return text === ""
    ? "  (the log is empty)"
    : text
        .split("\n")
        .slice(-count)
        .map((line) => `  ${line}`)
        .join("\n");
}
