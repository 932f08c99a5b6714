import { createHash } from "node:crypto";
import { closeSync, existsSync, fdatasyncSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { readFileText } from "../../config/system-fault.ts";
import type { Entry } from "./deployment.ts";

/** The first line of a journal: what it continues, and who writes it. */
export interface Header {
  readonly journal: 1;
  /** SHA-256 of the state before, hexadecimal: over no other state may it be replayed. */
  readonly base: string;
  /** The process that writes it, and the CLI that it writes it for. */
  readonly pid: number;
  readonly cli: number;
  /** Version of the CLI, as `v3.258.0`. */
  readonly engine: string;
}

/** A line of a journal whose state is being put in place: SHA-256 of that state. */
interface Ending {
  readonly state: string;
}

export interface Journal {
  readonly header: Header;
  readonly entries: readonly Entry[];
  /** SHA-256 of the state that it was made into; undefined where it never came to that. */
  readonly made: string | undefined;
}

export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Appends to a journal; what a call wrote is on the disk when it returns. */
export class JournalWriter {
  readonly #handle: number;

  private constructor(handle: number) {
    this.#handle = handle;
  }

  /** @throws Error where a journal is there already: it belongs to an update that nobody has settled */
  static begin(file: string, header: Header): JournalWriter {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const writer = new JournalWriter(openSync(file, "ax", 0o600));
    writer.#write([header]);
    return writer;
  }

  /** Goes on in a journal that is there. */
  static reopen(file: string): JournalWriter {
    return new JournalWriter(openSync(file, "a", 0o600));
  }

  entries(entries: readonly Entry[]): void {
    this.#write(entries);
  }

  /** Says which state it is made into, before that is put in place. */
  ending(state: string): void {
    this.#write([{ state: digestOf(state) } satisfies Ending]);
  }

  close(): void {
    closeSync(this.#handle);
  }

  #write(lines: readonly unknown[]): void {
    if (lines.length === 0) return;
    const text = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    for (let at = 0; at < text.length; ) at += writeSync(this.#handle, text, at);
    fdatasyncSync(this.#handle);
  }
}

/**
 * Reads a journal; one whose first line was cut off holds nothing. Its last line may be cut off: nobody was told that it
 * was written.
 * @returns undefined where there is none
 * @throws Error where a line before the last one is no JSON: then it can't be trusted
 */
export function readJournal(file: string): Journal | undefined {
  if (!existsSync(file)) return undefined;
  const lines = readFileText(file).split("\n");
  // Behind the last line break there is nothing, or what was cut off.
  lines.pop();
  const [first, ...rest] = lines.map((line, index) => {
    try {
      return JSON.parse(line);
    } catch {
      throw new Error(`line ${index + 1} is no JSON`);
    }
  });
  if (first === undefined) return undefined;
  const header = first as Header;
  if (header.journal !== 1) throw new Error("its first line names no version that this reads");
  const endings = rest.filter(
    (line): line is Ending => typeof line === "object" && line !== null && "state" in line && !("kind" in line),
  );
  const entries = rest.filter((line): line is Entry => typeof line === "object" && line !== null && "kind" in line);
  return { header, entries, made: endings.at(-1)?.state };
}
