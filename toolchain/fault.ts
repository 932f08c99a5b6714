/** Something the user can fix: shown as its one sentence, without a stack trace. */
export class Fault extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Fault";
  }
}

/** An official part isn't to be had here; the next source is tried. The message says why, for the one line that says so. */
export class Unavailable extends Error {}

/** The work was interrupted, or another piece failed first: nothing to say. */
export class Interrupted extends Error {}

/** Whether an error or a tool's output says that the disk is full. */
export function isDiskFull(error: unknown): boolean {
  const text =
    error instanceof Error ? `${(error as NodeJS.ErrnoException).code ?? ""} ${error.message}` : String(error);
  return /ENOSPC|EDQUOT|no space left on device|disk quota exceeded/i.test(text);
}
