import { join } from "node:path";
import { PROMETHEUS_FILES } from "../../../builders/services/prometheus.ts";
import type { Checkout } from "../../checkout.ts";
import type { Progress } from "../../terminal/progress.ts";
import { minio } from "../minio/service.ts";
import { readText } from "../private-files.ts";
import { HOST } from "../service/local-service.ts";
import { runningPorts } from "../service/start.ts";
import { namedServer } from "../stack/own-or-named-server.ts";
import { folderOf } from "./local-service.ts";
import { ensureMetricsToken, METRICS_USER } from "./metrics-token.ts";
import { makeFolders } from "./settings.ts";

/** The address of the local server, which knows Prometheus; undefined where this checkout has none. */
export async function minioPeer(checkout: Checkout, progress: Progress): Promise<string | undefined> {
  const named = namedServer(checkout);
  if (named !== undefined) {
    progress.note(`the stack dev names a server of its own (${named}): Prometheus doesn't read its metrics`);
    return undefined;
  }
  const token = join(folderOf("prometheus", checkout), PROMETHEUS_FILES.token);
  const ports = await runningPorts(minio(checkout));
  if (ports === undefined) {
    const known = readText(token) !== undefined;
    const then = known ? "once make up has started it" : "after make up and make services";
    progress.note(`the local server isn't running: Prometheus reads its metrics ${then}`);
    return known ? readText(checkout.minio.endpoint) : undefined;
  }
  makeFolders("prometheus", checkout);
  if (await ensureMetricsToken(checkout, `${HOST}:${ports.api}`, token))
    progress.note(`made user and policy ${METRICS_USER} on the local server: they read metrics and nothing else`);
  return `${HOST}:${ports.api}`;
}
