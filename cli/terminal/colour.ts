import { styleText } from "node:util";
import { plainLines } from "../../config/text/plain.ts";
import { printExact } from "./print.ts";

/** What a word of a report means. */
export type Meaning = "right" | "wrong" | "unknown" | "aside";

const STYLES = { right: "green", wrong: "red", unknown: "yellow", aside: "dim" } as const;

/**
 * A word in the colour of what it means, where the stream is a terminal; never with `NO_COLOR`, always with `FORCE_COLOR`.
 * The word says it, too: nothing is told by colour alone.
 */
export function coloured(word: string, meaning: Meaning, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(STYLES[meaning], word, { stream, validateStream: true });
}

/** What a line of a report begins with: what it is about, or that something could not be looked at. */
const BEGIN = /^(?:could not \w+|\S+)/;

/** Prints a line for people, as `print` does, its beginning in the colour of what the line means. */
export function printMarked(line: string, meaning: Meaning): void {
  printExact(plainLines(line).replace(BEGIN, (begin) => coloured(begin, meaning)));
}

/** Prints the line that says what came of it all, as a whole in the colour of that. */
export function printVerdict(line: string, meaning: Meaning): void {
  printExact(coloured(plainLines(line), meaning));
}
