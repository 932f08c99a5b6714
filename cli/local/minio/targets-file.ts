import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { secretValues, secretVariable } from "../../../builders/minio/notifications.ts";
import { requestSecret } from "../../../builders/services/server-requests.ts";
import { formatSettingFault } from "../../../config/stack/fault.ts";
import { missingPasswords, parseNotificationSecrets } from "../../../config/stack/notification-secrets.ts";
import type { Checkout } from "../../checkout.ts";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { askPulumi } from "../../pulumi/run-pulumi.ts";
import { readStackFile } from "../../stack-file.ts";
import { makePrivateFolder, readWhole, writePrivate } from "../private-files.ts";
import { localEnvironment } from "../stack/environment.ts";
import { STACK } from "../stack/name.ts";
import { requestLog } from "./request-log.ts";

/**
 * The file from which the server takes what receivers of notifications and of its requests are reached with: no argument and no record of a
 * process holds any of it. Its name is another one for another content, so that the server is started anew.
 * @returns its path; undefined where there is nothing to keep
 * @throws CommandError with every fault of the secrets
 */
export async function targetsFile(checkout: Checkout): Promise<string | undefined> {
  const { root, minio } = checkout;
  const { notificationTargets: targets, hasNotificationSecrets } = readStackFile(root, STACK);
  const text = hasNotificationSecrets ? await decrypted(checkout) : "{}";
  const secrets = parseNotificationSecrets(text);
  const faults = missingPasswords(targets, { text, isEncrypted: true });
  if (secrets === undefined || faults.length > 0) {
    const lines = faults.map((fault) => `Pulumi.${STACK}.yaml ${formatSettingFault(fault, STACK)}`);
    const garbled = `Pulumi.${STACK}.yaml bucketworks:notificationSecrets is no map of names of targets with token or password`;
    throw new CommandError((secrets === undefined ? [garbled] : lines).join("\n"), EXIT.wrongUse);
  }
  const lines = Object.entries(secretValues(targets, secrets)).flatMap(([name, value]) => {
    const target = targets[name];
    return target === undefined ? [] : [`${secretVariable(name, target)}="${value}"\n`];
  });
  const requests = requestLog(checkout);
  if (requests !== undefined) {
    const [name, value] = requestSecret(requests.token);
    lines.push(`${name}="${value}"\n`);
  }
  const before = existsSync(minio.targets) ? readdirSync(minio.targets).map((name) => join(minio.targets, name)) : [];
  const same = before.find((path) => lines.length > 0 && readWhole(path) === lines.join(""));
  for (const path of before) if (path !== same) rmSync(path);
  if (lines.length === 0 || same !== undefined) return same;
  makePrivateFolder(minio.targets);
  const path = join(minio.targets, `${randomBytes(6).toString("hex")}.env`);
  writePrivate(path, lines.join(""));
  return path;
}

function decrypted(checkout: Checkout): Promise<string> {
  const env = localEnvironment(checkout, undefined, process.env);
  const args = ["config", "get", "bucketworks:notificationSecrets", "--stack", STACK];
  return askPulumi(checkout.root, env, args);
}
