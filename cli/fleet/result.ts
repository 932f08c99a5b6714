import type { ExitCode } from "../ending/exit.ts";

/** What a command came to in one stack. */
export interface StackResult {
  readonly stack: string;
  /** Of its server, as host:port; null where the stack names none. */
  readonly endpoint: string | null;
  /** 0 done or right, 1 findings or a failed update, 2 wrong use, 3 could not look. */
  readonly code: ExitCode;
  /** In a few words. */
  readonly what: string;
  readonly seconds: number;
  /** File with all that was said, from the project's root. */
  readonly log: string;
}

/** A command over many stacks. */
export interface FleetReport {
  readonly schemaVersion: 1;
  readonly command: string;
  /** RFC 3339, UTC. */
  readonly began: string;
  /** How many were to be looked at; fewer results tell that the run isn't at its end. */
  readonly stacks: number;
  readonly results: readonly StackResult[];
}

/** The gravest first, then by name. */
export function ordered(results: readonly StackResult[]): readonly StackResult[] {
  return [...results].sort((a, b) => gravity(b.code) - gravity(a.code) || (a.stack < b.stack ? -1 : 1));
}

/** Could not look is graver than a finding, wrong use as grave. */
function gravity(code: ExitCode): number {
  return code === 2 ? 3 : code;
}

/** Of the whole run: 0 where each is right, 3 where one couldn't be looked at, else 1. */
export function worst(results: readonly StackResult[]): ExitCode {
  const most = Math.max(0, ...results.map(({ code }) => gravity(code)));
  return most === 3 ? 3 : most === 0 ? 0 : 1;
}

/** Whether a resumed run may leave a stack out: it came to its end, and an update to a good one. */
export function isSettled(command: string, { code }: StackResult): boolean {
  return code === 0 || (code === 1 && command !== "up");
}
