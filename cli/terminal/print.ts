import { plainJson } from "../../config/text/json.ts";
import { plainLines, plainText } from "../../config/text/plain.ts";

/** Writes to stdout, for people: names from specs and servers show what they hold. Ends with a line feed. */
export function print(text: string): void {
  printExact(plainLines(text));
}

/** Writes to stdout what a program takes as it is: a key, a secret. Ends with a line feed. */
export function printExact(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

/** Writes a line to stderr, for people, as `print` does. */
export function tell(text: string): void {
  process.stderr.write(`${plainLines(text)}\n`);
}

/** JSON as every command prints it; the value carries `schemaVersion`. */
export function printJson<T extends { readonly schemaVersion: number }>(value: T): void {
  printExact(plainJson(value));
}

/** A reader that closes the pipe (`| head`) has seen enough: no crash, no message. */
export function allowClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit();
    });
  }
}

/** `1 bucket`, `2 buckets`, `2 identities`. */
export function counted(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : `${noun}s`.replace(/([^aeiou])ys$/, "$1ies")}`;
}

/** Rows as columns, parted by two blanks; the first row is the head. Numbers stand to the right. */
export function table(given: readonly (readonly string[])[]): string {
  const rows = given.map((row) => row.map(plainText));
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const lines = rows.map((row) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return /^\d/.test(cell) && column > 0 ? cell.padStart(width) : cell.padEnd(width);
    });
    return cells.join("  ").trimEnd();
  });
  return lines.join("\n");
}
