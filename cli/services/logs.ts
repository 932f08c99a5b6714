import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Command, InvalidArgumentError } from "commander";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { stopIfInterrupted } from "../ending/signals.ts";
import { kindOf, localService, titleOf } from "../local/services/local-service.ts";
import { isNowhere } from "../local/services/sources.ts";
import { print } from "../terminal/print.ts";
import { instanceMeant } from "./service-name.ts";

const LINES = 100;
/** How often a log that is followed is looked at, milliseconds. */
const LOOK = 250;

interface Options {
  readonly follow?: boolean;
  readonly lines: number;
}

/** `bucketworks services logs NAME`: the last lines of a log, and with `--follow` those that come. */
export function logsCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  return new Command("logs")
    .description("show the log of one")
    .argument("<NAME>", "as bucketworks services status has it: prometheus, mlops-mlflow")
    .option("-f, --follow", "go on with what is added, until Ctrl-C")
    .option("-n, --lines <count>", "how many of the last lines", count, LINES)
    .addHelpText(
      "after",
      "\nExample:\n  bucketworks services logs prometheus --follow\n\nExit codes: 0 shown, 2 wrong use, 3 there is no log",
    )
    .action(async (given: string, { follow = false, lines }: Options) => {
      const name = instanceMeant(given, checkout);
      const { log } = localService(name, checkout);
      if (!existsSync(log)) throw new CommandError(`${name} has no log: ${whyNone(name)}`, EXIT.couldNotLook);
      const text = readFileSync(log);
      const last = text.toString("utf8").trimEnd().split("\n").slice(-lines).join("\n");
      if (last !== "") print(last);
      if (follow) await followed(log, text.length);
    });
}

function whyNone(name: string): string {
  if (isNowhere(kindOf(name).kind.source))
    return `${titleOf(name)} isn't on PATH, so none runs here; install it, then run make services`;
  return "it never ran here; make services starts it where a platform's file asks for it";
}

async function followed(log: string, from: number): Promise<void> {
  for (let at = from; ; await sleep(LOOK)) {
    stopIfInterrupted();
    const { size } = statSync(log);
    // It was emptied when it had grown too large.
    if (size < at) at = 0;
    if (size === at) continue;
    const added = Buffer.alloc(size - at);
    const file = openSync(log, "r");
    readSync(file, added, 0, added.length, at);
    closeSync(file);
    // What is cut comes whole the next time.
    const whole = added.lastIndexOf("\n") + 1;
    if (whole === 0) continue;
    print(added.subarray(0, whole).toString("utf8"));
    at += whole;
  }
}

function count(given: string): number {
  if (/^[1-9]\d*$/.test(given)) return Number(given);
  throw new InvalidArgumentError("must be a whole number from 1 on.");
}
