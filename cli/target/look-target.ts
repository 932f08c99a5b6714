import { CommandError, EXIT } from "../ending/exit.ts";
import { namedTarget } from "./server-option.ts";
import { loadTarget, type Target } from "./target.ts";

/** Options of commands that look at a server: the stack's, or one that they name. */
export interface LookTargetOptions {
  readonly stage: string;
  readonly server?: string;
  readonly caFile?: string;
  /** Whether each identity's key is tried. */
  readonly identities: boolean;
}

/**
 * The model and the server of a command that looks.
 * @throws CommandError naming what is missing or wrong
 */
export function lookTarget(
  command: string,
  files: readonly string[],
  { stage, server, caFile, identities }: LookTargetOptions,
): Target {
  if (server === undefined) return loadTarget({ stage, files, env: process.env });
  if (identities) {
    const message = `${command}: keys of identities come from a stack, and --server names none; add --no-identities`;
    throw new CommandError(message, EXIT.wrongUse);
  }
  return namedTarget({ url: server, caFile }, { stage, files, env: process.env });
}
