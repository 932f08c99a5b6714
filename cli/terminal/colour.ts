import { styleText } from "node:util";

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
