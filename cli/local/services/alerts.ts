import { type Alerts, parseAlerts, strangePlatforms } from "../../../config/stack/alerts.ts";
import { formatSettingFault } from "../../../config/stack/fault.ts";
import type { Checkout } from "../../checkout.ts";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { askPulumi } from "../../pulumi/run-pulumi.ts";
import { readStackFile } from "../../stack-file.ts";
import { localEnvironment } from "../stack/environment.ts";
import { STACK } from "../stack/name.ts";

/**
 * To whom the stack dev has alerts sent, decrypted by Pulumi.
 * @param known names of all platforms
 * @returns undefined where it says nothing of it
 * @throws CommandError with every fault of the setting
 */
export async function stackAlerts(checkout: Checkout, known: readonly string[]): Promise<Alerts | undefined> {
  if (!readStackFile(checkout.root, STACK).hasAlerts) return undefined;
  const env = localEnvironment(checkout, undefined, process.env);
  const text = await askPulumi(checkout.root, env, ["config", "get", "bucketworks:alerts", "--stack", STACK]);
  const { alerts, faults: wrong } = parseAlerts(text);
  const faults = alerts === undefined ? wrong : strangePlatforms(alerts, known);
  if (faults.length === 0) return alerts;
  const lines = faults.map((fault) => `Pulumi.${STACK}.yaml ${formatSettingFault(fault, STACK)}`);
  throw new CommandError(lines.join("\n"), EXIT.wrongUse);
}
