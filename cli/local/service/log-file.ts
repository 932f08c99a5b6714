import { appendFileSync, copyFileSync, existsSync, openSync, readFileSync, statSync, truncateSync } from "node:fs";

/** Bytes of a log before it is moved away. */
const LOG_LIMIT = 5 * 1024 * 1024;

/**
 * Opens a log for a child process to write to by itself, so that it goes on when its parent is gone.
 * @returns the file descriptor; the caller closes it
 */
export function openLog(path: string): number {
  return openSync(path, "a", 0o600);
}

/** Adds one line of the supervisor's own. */
export function note(path: string, text: string): void {
  appendFileSync(path, `${new Date().toISOString()} bucketworks: ${text}\n`, { mode: 0o600 });
}

/**
 * Copies a log that has outgrown `limit` bytes to `<name>.1` and empties it, so that both together stay bounded.
 * It keeps its place: its writer has it open for appending, and goes on at its new end.
 */
export function rotate(path: string, limit = LOG_LIMIT): void {
  if (!existsSync(path) || statSync(path).size <= limit) return;
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
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
