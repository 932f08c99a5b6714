import type { Alerts } from "../../config/stack/alerts.ts";
import { parseAlerts, strangePlatforms } from "../../config/stack/alerts.ts";
import { formatSettingFault } from "../../config/stack/fault.ts";
import { type Checkout, checkoutAt } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { HOST } from "../local/service/local-service.ts";
import { runningPorts } from "../local/service/start.ts";
import { kindNamed, localService } from "../local/services/local-service.ts";
import { askPulumi } from "../pulumi/run-pulumi.ts";
import { readStackFile } from "../stack-file.ts";
import { readNamedFile } from "../terminal/named-file.ts";
import type { StackAt } from "../verify/identities.ts";

/**
 * To whom alerts go: a file with what `bucketworks:alerts` holds, as JSON, else that setting of the stack.
 * @param stack undefined where a server is named, and no stack
 * @param known names of all platforms
 * @throws CommandError with every fault
 */
export async function receiversOf(
  file: string | undefined,
  stack: StackAt | undefined,
  known: readonly string[],
): Promise<Alerts | undefined> {
  const from = file ?? (stack === undefined ? undefined : `Pulumi.${stack.name}.yaml`);
  const text = file === undefined ? await setting(stack) : readNamedFile(file, "name another file");
  if (text === undefined || from === undefined) return undefined;
  const { alerts, faults: wrong } = parseAlerts(text);
  const faults = alerts === undefined ? wrong : strangePlatforms(alerts, known);
  if (faults.length === 0) return alerts;
  const lines = faults.map((fault) => `${from} ${formatSettingFault(fault, stack?.name ?? "dev")}`);
  throw new CommandError(lines.join("\n"), EXIT.wrongUse);
}

async function setting(stack: StackAt | undefined): Promise<string | undefined> {
  if (stack === undefined || !readStackFile(stack.root, stack.name).hasAlerts) return undefined;
  return askPulumi(stack.root, stack.env, ["config", "get", "bucketworks:alerts", "--stack", stack.name]);
}

/** URL of the Alertmanager of this checkout; undefined while it doesn't run. */
export async function localAlertmanager(root: string): Promise<string | undefined> {
  const checkout: Checkout = checkoutAt(root);
  if (kindNamed("alertmanager") === undefined) return undefined;
  const ports = await runningPorts(localService("alertmanager", checkout));
  return ports === undefined ? undefined : `http://${HOST}:${ports.http}`;
}
