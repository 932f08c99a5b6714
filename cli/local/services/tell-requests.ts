import { rmSync } from "node:fs";
import { REQUESTS_ENDPOINT, requestVariables } from "../../../builders/services/server-requests.ts";
import type { Checkout } from "../../checkout.ts";
import type { Progress } from "../../terminal/progress.ts";
import { requestLog, requestTokenFile } from "../minio/request-log.ts";
import { minio } from "../minio/service.ts";
import { startMinio } from "../minio/start.ts";
import { readText } from "../private-files.ts";
import { readRun } from "../service/record.ts";
import { runningPorts } from "../service/start.ts";

/**
 * Has the local server, where it runs, tell the shipper of logs of each request where a platform asks for it, and nobody where
 * none does. It starts anew only where that is otherwise than before. The caller holds the lock.
 */
export async function tellRequests(checkout: Checkout, isAsked: boolean, progress: Progress): Promise<void> {
  if (!isAsked) rmSync(requestTokenFile(checkout), { force: true });
  const log = requestLog(checkout);
  const wanted = log === undefined ? undefined : requestVariables(log.address, checkout.minio.audit)[REQUESTS_ENDPOINT];
  const run = readRun(minio(checkout));
  if (run === undefined) return;
  const { MINIO_CONFIG_ENV_FILE: secrets, [REQUESTS_ENDPOINT]: before } = run.settings;
  const knowsToken = log === undefined || (readText(secrets ?? "") ?? "").includes(log.token);
  if (before === wanted && knowsToken) return;
  if ((await runningPorts(minio(checkout))) === undefined) return;
  const { how } = await startMinio(checkout, process.env);
  const what = wanted === undefined ? "no longer tells" : "tells";
  progress.note(`the local server ${how}: it ${what} the shipper of logs of its requests`);
}
