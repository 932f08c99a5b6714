import { accessSync, constants, existsSync, statSync } from "node:fs";
import { relative } from "node:path";
import { notificationVariables } from "../../../builders/minio/notifications.ts";
import { tuningVariables } from "../../../builders/minio/variables.ts";
import { requestVariables } from "../../../builders/services/server-requests.ts";
import type { Checkout } from "../../checkout.ts";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { hasStackFile, readStackFile } from "../../stack-file.ts";
import { type Progress, step } from "../../terminal/progress.ts";
import { makePrivateFolder } from "../private-files.ts";
import { ensureSecrets } from "../secrets.ts";
import { HOST, type Settings } from "../service/local-service.ts";
import { type Started, startService } from "../service/start.ts";
import { STACK } from "../stack/name.ts";
import { writeAlias } from "./mc-alias.ts";
import { requestLog } from "./request-log.ts";
import { findBinary, type MinioPorts, minio } from "./service.ts";
import { targetsFile } from "./targets-file.ts";

/** As `startMinio`, as one step that a person sees. */
export async function stepMinio(checkout: Checkout, progress: Progress): Promise<MinioPorts> {
  const { ports, notes } = await step(
    progress,
    "starting the local server",
    () => startMinio(checkout, process.env),
    (started) => `local server ${started.how} on http://${HOST}:${started.ports.api}`,
  );
  for (const note of notes) progress.note(`  ${note}`);
  return ports;
}

/**
 * Has the MinIO of this checkout running, with its secrets and folders. The caller holds the lock.
 * @throws CommandError as `startService`, and when a secret is lost
 */
export async function startMinio(checkout: Checkout, env: NodeJS.ProcessEnv): Promise<Started<keyof MinioPorts>> {
  const notes = ensureSecrets(checkout);
  findBinary(checkout, "minio");
  prepareFolders(checkout);
  const started = await startService(minio(checkout), env, { settings: await localSettings(checkout) });
  writeAlias(checkout, `${HOST}:${started.ports.api}`);
  return { ...started, notes: [...notes, ...started.notes] };
}

/** What the stack dev says of the server: its region, and variables. @throws CommandError when its settings can't be read */
async function localSettings(checkout: Checkout): Promise<Settings> {
  const { root, minio } = checkout;
  if (!hasStackFile(root, STACK)) return {};
  const { region, tuning, notificationTargets } = readStackFile(root, STACK);
  const targets = notificationVariables(notificationTargets, minio.notifications);
  const file = await targetsFile(checkout);
  const requests = requestLog(checkout);
  return {
    ...(region !== undefined && { region }),
    ...tuningVariables(tuning, minio.audit),
    ...targets,
    ...(requests !== undefined && requestVariables(requests.address, minio.audit)),
    ...(file !== undefined && { MINIO_CONFIG_ENV_FILE: file }),
  };
}

/**
 * Makes the folders of the server, or makes sure that it can use them.
 * @throws CommandError when the data folder is a file, the system's error when it isn't ours to read and write
 * @public tests run it as another user
 */
export function prepareFolders(checkout: Checkout): void {
  const { data, certs } = checkout.minio;
  if (existsSync(data) && !statSync(data).isDirectory()) {
    throw new CommandError(
      `${relative(checkout.root, data)}: must be a folder, is a file; move it away`,
      EXIT.couldNotLook,
    );
  }
  makePrivateFolder(data);
  makePrivateFolder(certs);
  accessSync(data, constants.R_OK | constants.W_OK | constants.X_OK);
}
