import { plainLines, plainText } from "../../config/text/plain.ts";
import { stopIfInterrupted } from "../ending/signals.ts";

/** Tells a person at a terminal how far long work is; a log gets one line for each finished step. */
export class Progress {
  readonly #quiet: boolean;
  readonly #stream: NodeJS.WriteStream;
  #text = "";
  #began = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param quiet nothing is written at all */
  constructor(quiet: boolean, stream: NodeJS.WriteStream = process.stderr) {
    this.#quiet = quiet;
    this.#stream = stream;
  }

  /** Shows what is being done, with the seconds it has taken so far. */
  begin(text: string): void {
    this.#stop();
    this.#text = plainText(text);
    this.#began = Date.now();
    if (this.#quiet || !this.#stream.isTTY) return;
    this.#draw();
    this.#timer = setInterval(() => this.#draw(), 1000);
    this.#timer.unref();
  }

  /** Replaces what is shown by one finished line. */
  done(text: string): void {
    this.#stop();
    this.note(`${text} (${((Date.now() - this.#began) / 1000).toFixed(1)} s)`);
  }

  /** Adds a line; what is being done stays shown below it. */
  note(text: string): void {
    if (this.#quiet) return;
    this.#clear();
    this.#stream.write(`${plainLines(text)}\n`);
    if (this.#timer !== undefined) this.#draw();
  }

  /** Ends the display when the work failed: the error message follows. */
  fail(): void {
    this.#stop();
  }

  #draw(): void {
    const seconds = Math.round((Date.now() - this.#began) / 1000);
    this.#clear();
    this.#stream.write(seconds > 0 ? `${this.#text} ... ${seconds} s` : `${this.#text} ...`);
  }

  #clear(): void {
    if (this.#stream.isTTY) this.#stream.write("\r\u001b[K");
  }

  #stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#clear();
  }
}

/** Runs one step and shows it while it lasts; `finished` words its result. */
export async function step<T>(
  progress: Progress,
  text: string,
  work: () => Promise<T>,
  finished: (result: T) => string,
): Promise<T> {
  stopIfInterrupted();
  progress.begin(text);
  try {
    const result = await work();
    progress.done(finished(result));
    return result;
  } catch (error) {
    progress.fail();
    throw error;
  }
}

/**
 * Shows a count at the terminal, one line that is written over and taken away at the end.
 * @returns what the work is given: nothing where nobody looks
 */
export function countLine(text: string, quiet: boolean): { onProgress?: (done: number, total: number) => void } {
  if (quiet || !process.stderr.isTTY) return {};
  return { onProgress: (done, total) => writeOver(done < total ? `${text}: ${done} of ${total}` : "", quiet) };
}

/** Replaces the line at the terminal; an empty text takes it away. */
export function writeOver(text: string, quiet: boolean): void {
  if (!quiet && process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
