import { systemFault } from "../../../config/system-fault.ts";
import { Interrupted } from "../../ending/signals.ts";
import { fromHere } from "../../terminal/path-from-here.ts";

/**
 * Does what has to follow some work, however that ended. A fault of what follows never hides the work's own end.
 * @returns the work's result, and what went wrong after it as one sentence; undefined where nothing did
 * @throws what the work threw, with that sentence as its last line
 */
export async function followedBy<T>(
  work: () => Promise<T>,
  after: () => Promise<void>,
): Promise<{ readonly result: T; readonly fault: string | undefined }> {
  const afterwards = (): Promise<string | undefined> => after().then(() => undefined, sentenceOf);
  let result: T;
  try {
    result = await work();
  } catch (error) {
    throw withLine(error, await afterwards());
  }
  return { result, fault: await afterwards() };
}

function sentenceOf(error: unknown): string {
  return systemFault(error, fromHere) ?? (error instanceof Error ? error.message : String(error));
}

function withLine(error: unknown, line: string | undefined): unknown {
  if (line === undefined || !(error instanceof Error)) return error;
  const said = error.message === "" ? line : `${error.message}\n${line}`;
  if (error instanceof Interrupted) return new Interrupted(error.signal, said);
  error.message = said;
  return error;
}
