import { Command, Option } from "commander";
import { systemFault } from "../config/system-fault.ts";
import { audited } from "./audit-log.ts";
import { checkoutAt, ownRoot } from "./checkout.ts";
import { CommandError, EXIT } from "./ending/exit.ts";
import { runAlone } from "./local/command.ts";
import { isDue, phaseText } from "./rotate/choose.ts";
import { type AccountKey, lookAtKeys, type StackAt } from "./rotate/look.ts";
import { writeKeyMetrics } from "./rotate/metrics.ts";
import { rotateKeys } from "./rotate/rotate.ts";
import { print, printJson, table, tell } from "./terminal/print.ts";

interface RotateOptions {
  readonly stack: string;
  readonly due?: boolean;
  readonly list?: boolean;
  readonly metrics?: string;
  readonly format: "text" | "json";
  readonly quiet?: boolean;
}

const HELP = `
Replaces keys of service accounts with an overlap, as access.rotation of their platform says (max_age_days, grace_days).
A run makes the new key, brings it to the stack's outputs, to Secrets and the pods that read them, and to the files in
.bucketworks/keys, and asks the server whether it takes it; from then on the old one is taken for grace_days more. A run after
that ends the old one. Nothing secret is printed. After a kill or an outage run it again: it goes on where it was.
--due does what is to be done now with all of the stack: keys that are too old, runs that were interrupted, old keys whose time
is over. Let it run once a day. --metrics FILE tells Prometheus's node_exporter how old keys are (alert KeyTooOld). A key that has leaked has no grace: bucketworks key rotate NAME.

Examples:
  $ bucketworks rotate --list
  $ bucketworks rotate usdcop-l1-job
  $ bucketworks rotate --due --stack production --metrics /var/lib/node_exporter/keys.prom

Exit codes: 0 done, or nothing to do, 1 the deployment failed or the server doesn't take a key (--list: something is due),
2 wrong use (unknown account), 3 the stack or the server can't be asked`;

/** `bucketworks rotate`: other keys for service accounts, with an overlap. */
export function rotateCommand(): Command {
  return new Command("rotate")
    .description("replace keys of service accounts with an overlap, by name or by age")
    .argument("[NAME...]", "service accounts")
    .option("--due", "all that are to be replaced, finished or ended now")
    .option("--list", "say how far each key is; changes nothing")
    .addOption(new Option("--format <format>", "form of --list").choices(["text", "json"]).default("text"))
    .option("--metrics <file>", "also write when each key was made, for node_exporter (--list or --due)")
    .option("-q, --quiet", "print nothing but errors")
    .option("-s, --stack <name>", "the stack that made them", "dev")
    .addHelpText("after", HELP)
    .action(rotate);
}

async function rotate(names: string[], options: RotateOptions): Promise<void> {
  const { stack, due = false, list = false, quiet = false, metrics } = options;
  if ([names.length > 0, due, list].filter(Boolean).length !== 1) {
    throw new CommandError("rotate: name service accounts, or use --due or --list, one of the three", EXIT.wrongUse);
  }
  if (metrics !== undefined && !list && !due) {
    throw new CommandError("rotate: --metrics goes with --list or --due; nothing was changed", EXIT.wrongUse);
  }
  const at: StackAt = { root: ownRoot(), env: process.env, stack };
  if (list) {
    const look = await lookAtKeys(at);
    if (metrics !== undefined) writeKeyMetrics(metrics, look.accounts, stack);
    return show(look, options);
  }
  const checkout = checkoutAt(at.root);
  const deed = { action: "key.replace", object: `${stack}/${due ? "due" : names.join(",")}` };
  await runAlone(checkout, "rotate", { quiet }, async (progress) => {
    const lines = await audited(checkout, deed, () => rotateKeys(at, due ? undefined : names, progress));
    if (metrics !== undefined) await tellPrometheus(metrics, at, stack);
    return lines.length === 0 ? "no key is due" : lines.join("\n");
  });
}

/** The keys are replaced by then: what goes wrong here is told beside that, and ends with another code. */
async function tellPrometheus(file: string, at: StackAt, stack: string): Promise<void> {
  try {
    writeKeyMetrics(file, (await lookAtKeys(at)).accounts, stack);
  } catch (error) {
    tell(
      `rotate: what Prometheus reads wasn't written: ${systemFault(error) ?? (error as Error).message}; the keys are replaced`,
    );
    process.exitCode = EXIT.couldNotLook;
  }
}

function show({ accounts }: { readonly accounts: readonly AccountKey[] }, { format, quiet }: RotateOptions): void {
  if (accounts.some(isDue)) process.exitCode = EXIT.findings;
  if (format === "json") {
    const keys = accounts.map(({ name, platform, resource, previous, phase }) => ({
      ...{ name, platform, made: resource?.made ?? null, accessKey: resource?.accessKey ?? null },
      ...{ previous: previous?.accessKey ?? null, ...phase, isDue: isDue({ phase }) },
    }));
    printJson({ schemaVersion: 1, keys });
    return;
  }
  if (quiet === true) return;
  const rows = accounts.map(({ name, platform, resource, phase }) => [
    name,
    platform,
    resource?.made?.toISOString() ?? "not known",
    phaseText(phase),
  ]);
  const none = "no platform of the stack has access.rotation (docs/rotation.md)";
  print(rows.length === 0 ? none : table([["SERVICE ACCOUNT", "PLATFORM", "MADE", "KEY"], ...rows]));
}
