import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { shellWord } from "../../config/text/shell.ts";
import { foreignVariable, isSame } from "../../toolchain/other-checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";

/** Commands that take server, state and credentials from their own checkout, whatever the shell says, or need none. */
const UNMIXED = ["up", "down", "destroy", "clean", "migrate", "init", "check", "explain", "diff", "path"];

/**
 * Refuses a command whose checkout isn't the one that the shell's variables or the current folder belong to: specs and
 * consent would come from one, server and state from the other. A backend or credentials outside any checkout are
 * somebody's own choice and stay.
 * @param root of the checkout whose command runs
 * @throws CommandError naming both checkouts and what to do
 */
export function refuseOtherCheckout(command: string, root: string, shell: Shell): void {
  const here = checkoutAbove(shell.folder);
  if (here !== undefined && !isSame(here, root)) {
    throw new CommandError(
      `${command}: the current folder is in the checkout ${here}, and this command is of ${root}; nothing was done. For that folder: ${shellWord(join(here, "bin", "bucketworks"))} ${command}`,
      EXIT.wrongUse,
    );
  }
  const other = UNMIXED.includes(command) ? undefined : foreignVariable(root, shell.env);
  if (other === undefined) return;
  throw new CommandError(
    `${command}: this is the checkout ${root}, and the shell's ${other.name} belongs to ${other.root}: specs of the one would meet server and state of the other; nothing was done. For this checkout: . ${shellWord(join(root, "toolchain", "env.sh"))}`,
    EXIT.wrongUse,
  );
}

export interface Shell {
  /** The current folder. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The checkout that a folder lies in; undefined where it lies in none. */
function checkoutAbove(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, "toolchain", "env.sh")) && existsSync(join(at, "bin", "bucketworks"))) return at;
    if (at === dirname(at)) return undefined;
  }
}
