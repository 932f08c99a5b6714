/** Writes to stdout; ends with a line feed. */
export function print(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

/** JSON as every command prints it; the value carries `schemaVersion`. */
export function printJson<T extends { readonly schemaVersion: number }>(value: T): void {
  print(JSON.stringify(value, null, 2));
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
export function table(rows: readonly (readonly string[])[]): string {
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
