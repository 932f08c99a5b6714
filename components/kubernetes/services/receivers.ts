import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { alertmanagerSettings } from "../../../builders/services/alertmanager.ts";
import { sharedServices } from "../../../builders/services/declared.ts";
import { ALERTMANAGER_FILE } from "../../../builders/services/kubernetes/alertmanager.ts";
import type { Platform } from "../../../config/model.ts";
import { parseAlerts, strangePlatforms } from "../../../config/stack/alerts.ts";
import { formatSettingFault } from "../../../config/stack/fault.ts";

/**
 * Alertmanager's settings as a file; secret.
 * @param alerts JSON, as the stack has it; undefined tells nobody
 */
export function receiversFile(
  platforms: readonly Platform[],
  alerts: pulumi.Input<string> | undefined,
): pulumi.Output<Record<string, string>> {
  const { alertmanager } = sharedServices(platforms);
  if (alertmanager === null) throw new Error("no platform asks for Alertmanager");
  const file = pulumi.output(alerts).apply((text): Record<string, string> => {
    const parsed = text === undefined ? undefined : parseAlerts(text).alerts;
    const names = platforms.map(({ name }) => name);
    const faults = parsed === undefined ? [] : strangePlatforms(parsed, names);
    if (faults.length > 0) {
      const lines = faults.map((fault) => formatSettingFault(fault, pulumi.getStack()));
      throw new pulumi.RunError(lines.join("\n"));
    }
    return { [ALERTMANAGER_FILE]: stringify(alertmanagerSettings(alertmanager, parsed), { lineWidth: 0 }) };
  });
  return pulumi.secret(file);
}
