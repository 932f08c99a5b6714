import { Command } from "commander";
import type { Instance } from "../../builders/services/declared.ts";
import { audited } from "../audit-log.ts";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { withLock } from "../local/checkout-lock.ts";
import { type Declared, declaredServices } from "../local/services/declared.ts";
import { kindOf } from "../local/services/local-service.ts";
import { type Ran, startServices } from "../local/services/start.ts";
import { print, table } from "../terminal/print.ts";
import { Progress } from "../terminal/progress.ts";
import { asksPeople } from "./login.ts";

const HELP = `
Starts what the platforms of the stack dev ask for in services (docs/services.md), beside the local server of make up, on
this machine alone. A program that isn't here is got first. A second run changes nothing.
Ports: those of the specs; BUCKETWORKS_<NAME>_PORT wins: BUCKETWORKS_PROMETHEUS_PORT, BUCKETWORKS_MLOPS_MLFLOW_PORT.

Examples:
  $ bucketworks services up
  $ make services BUCKETWORKS_PROMETHEUS_PORT=9190

Exit codes: 0 all run, 1 the specs have faults, 2 wrong use, 3 one doesn't run`;

/** `bucketworks services up`: starts what the platforms ask for. */
export function upCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  return new Command("up")
    .description("start what the platforms ask for")
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText("after", HELP)
    .action(async ({ quiet = false }: { quiet?: boolean }) => servicesUp(checkout, quiet));
}

/**
 * @param before done first, under the same lock
 * @param deed what the audit trail tells of it
 */
export async function servicesUp(
  checkout: Checkout,
  quiet: boolean,
  before?: () => Promise<void>,
  deed = { action: "services.up", object: "services" },
): Promise<void> {
  const progress = new Progress(quiet);
  let declared: Declared | undefined;
  const start = async (): Promise<Ran> => {
    await before?.();
    declared = declaredServices(checkout);
    return startServices(checkout, declared, progress);
  };
  const work = () => audited(checkout, deed, start);
  const ran = await withLock(checkout, "services up", work, { onWait: (line) => progress.note(line) });
  if (!quiet) print(summary(ran, declared?.instances ?? []));
  if (ran.failed.length > 0) throw new CommandError(ran.failed.join("\n"), EXIT.couldNotLook);
}

/** What people open; `services status` shows the others, too. */
function summary({ addresses, failed }: Ran, instances: readonly Instance[]): string {
  if (addresses.size === 0 && failed.length === 0)
    return "no platform of the stack dev asks for a service (services in its file)";
  const opened = instances.filter(({ name }) => addresses.has(name) && kindOf(name).kind.isForPrograms !== true);
  const rows = opened.map(({ name }) => [name, `http://${addresses.get(name)}`]);
  const logins = opened
    .filter(asksPeople)
    .map(({ name }) => `log in to ${name.padEnd(9)} bin/bucketworks services login ${name}`);
  return [
    "",
    table([["SERVICE", "URL"], ...rows]),
    "",
    ...logins,
    "all of them     bin/bucketworks services status",
    "stop            make services-down (data stays)",
  ].join("\n");
}
