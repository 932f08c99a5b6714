import type { Checkout } from "../checkout.ts";
import { print } from "../terminal/print.ts";
import { Progress } from "../terminal/progress.ts";
import { withLock } from "./checkout-lock.ts";

/** Runs a command that starts, stops or changes things of a checkout: alone, with its progress shown, then its last words. */
export async function runAlone(
  checkout: Checkout,
  command: string,
  { quiet = false }: { readonly quiet?: boolean },
  work: (progress: Progress) => Promise<string>,
): Promise<void> {
  const progress = new Progress(quiet);
  const text = await withLock(checkout, command, () => work(progress), { onWait: (line) => progress.note(line) });
  if (!quiet) print(text);
}
