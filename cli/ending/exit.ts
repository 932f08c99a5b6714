/** Exit codes of all commands; scripts and CI rely on them. */
export const EXIT = {
  right: 0,
  /** Invalid spec, drift, failed verification. */
  findings: 1,
  /** Unknown command, option or argument. */
  wrongUse: 2,
  /** Server refused, unreachable or answered in part. */
  couldNotLook: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A fault the user can fix: printed as its message alone, never with a stack trace. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode) {
    super(message);
    this.name = "CommandError";
    this.exitCode = exitCode;
  }
}
