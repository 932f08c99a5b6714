import { CommanderError } from "commander";
import { systemFault } from "../../config/system-fault.ts";
import { DatabaseFault, databaseSentence } from "../../database/fault.ts";
import { ReadError } from "../../live/read-error.ts";
import { fromHere } from "../terminal/path-from-here.ts";
import { CommandError, EXIT } from "./exit.ts";
import { Interrupted, interruption } from "./signals.ts";

/** What a person is told, and how the process ends. */
export interface Ending {
  readonly text: string;
  readonly exitCode: number;
}

/**
 * The one place where what a command threw becomes words and an exit code: what a user can put right is a sentence, and
 * so is what the system refused; only a fault of the program itself shows a stack trace.
 * @param error as it was thrown
 * @param command whose name stands before what it couldn't look at
 * @param after the signal that had come by then: what failed after it failed because of it
 */
export function endingOf(
  error: unknown,
  after: Interrupted | undefined = signalSoFar(),
  command: string | undefined = undefined,
): Ending {
  if (error instanceof Interrupted) return interruptedEnding(error, error.message);
  const known = knownFault(error, command);
  if (after !== undefined) return interruptedEnding(after, known?.text ?? "");
  if (error instanceof CommanderError) return { text: "", exitCode: error.exitCode === 0 ? EXIT.right : EXIT.wrongUse };
  if (known !== undefined) return known;
  const sentence = systemFault(error, fromHere) ?? databaseSentence(error);
  if (sentence !== undefined) return { text: sentence, exitCode: EXIT.couldNotLook };
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const text = `bucketworks met a fault of its own; nothing can be said of what it looked at. Please report it with these lines:\n${trace}`;
  return { text, exitCode: EXIT.couldNotLook };
}

/** What some part of ours has found out, for a person. */
function knownFault(error: unknown, command: string | undefined): Ending | undefined {
  if (error instanceof CommandError) return { text: error.message, exitCode: error.exitCode };
  if (error instanceof DatabaseFault) return { text: error.message, exitCode: EXIT[error.kind] };
  if (!(error instanceof ReadError)) return undefined;
  return { text: command === undefined ? error.message : `${command}: ${error.message}`, exitCode: EXIT.couldNotLook };
}

function interruptedEnding({ signal, exitCode }: Interrupted, said: string): Ending {
  const line = `interrupted (${signal}): nothing more was begun; the same command again goes on from here`;
  return { text: said === "" ? line : `${said}\n${line}`, exitCode };
}

function signalSoFar(): Interrupted | undefined {
  const { aborted, reason } = interruption();
  return aborted ? (reason as Interrupted) : undefined;
}
