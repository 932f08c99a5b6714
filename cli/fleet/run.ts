import type { ExitCode } from "../ending/exit.ts";
import type { StackResult } from "./result.ts";
import type { FleetStack } from "./stacks.ts";

/** What a command is to one stack: its outcome, and all that was said. */
export interface Outcome {
  readonly code: ExitCode;
  readonly what: string;
  readonly said: string;
}

/**
 * Asks each stack, so many at a time; one that fails stops no other. After a signal nothing new is begun.
 * @param told is given each result as it comes
 */
export async function runStacks(
  stacks: readonly FleetStack[],
  atOnce: number,
  ask: (stack: FleetStack) => Promise<Outcome>,
  told: (result: Omit<StackResult, "log">, said: string) => void,
): Promise<void> {
  const left = [...stacks];
  let ended: unknown;
  const worker = async (): Promise<void> => {
    for (let stack = left.shift(); stack !== undefined && ended === undefined; stack = left.shift()) {
      const began = performance.now();
      try {
        const { code, what, said } = await ask(stack);
        const seconds = (performance.now() - began) / 1000;
        told({ stack: stack.stack, endpoint: stack.endpoint ?? null, code, what, seconds }, said);
      } catch (error) {
        ended ??= error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, stacks.length) }, worker));
  if (ended !== undefined) throw ended;
}
