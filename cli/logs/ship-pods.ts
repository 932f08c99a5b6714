/**
 * The shipper of logs inside a cluster, a program of its own: `node ship-pods.ts --settings=FILE`. It brings the lines of a
 * namespace's pods to the store, until it is told to end.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { PodShipperDocument } from "../../builders/services/logs.ts";
import { readText } from "../local/private-files.ts";
import { masks } from "./mask.ts";
import { PodShipper } from "./pods/pod-shipper.ts";
import { Told } from "./told.ts";
import { toldServer } from "./told-server.ts";

/** How often lines are passed on, milliseconds. */
const LOOK = 1000;

const file = (process.argv[2] ?? "").replace(/^--settings=/, "");
const { platforms, store, cluster, positions, port, tls } = JSON.parse(
  readFileSync(file, "utf8"),
) as PodShipperDocument;
const { KUBERNETES_SERVICE_HOST: host = "kubernetes.default.svc", KUBERNETES_SERVICE_PORT_HTTPS = "443" } = process.env;
const server = `https://${host.includes(":") ? `[${host}]` : host}:${KUBERNETES_SERVICE_PORT_HTTPS}`;
const password = readText(store.passwordFile) ?? "";
const { authorityFile } = store;
const trust = authorityFile === undefined ? undefined : () => ({ authority: readFileSync(authorityFile, "utf8") });
const told = new Told();
const shipper = new PodShipper({
  cluster: { ...cluster, server },
  store: { ...store, password, trust },
  mask: masks(join(import.meta.dirname, "../.."), () => [password]),
  file: positions,
  platforms,
  looked: (faults) => told.unread("logs", faults),
});

const stop = new AbortController();
for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => stop.abort());
toldServer(told, undefined, tls).listen(port);

while (!stop.signal.aborted) {
  await told.during("logs", () => shipper.ship(new Date(), stop.signal));
  if (!shipper.isBehind) await sleep(LOOK, undefined, { signal: stop.signal }).catch(() => undefined);
}
// Streams of logs are open.
process.exit(0);
