/**
 * The shipper of logs, a program of its own: `node ship.ts --settings=FILE ROOT`. It brings what is added to the logs of a
 * checkout to the store, and audit lines into their bucket, until it is told to end.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ShipperSettings } from "../../builders/services/logs.ts";
import { LiveClient } from "../../live/client.ts";
import { checkoutAt } from "../checkout.ts";
import { readText } from "../local/private-files.ts";
import { AuditTrail } from "./audit-trail.ts";
import { knownSecrets } from "./known-secrets.ts";
import { masks } from "./mask.ts";
import { RequestReceiver } from "./request-receiver.ts";
import { Shipper } from "./shipper.ts";
import { logSources } from "./sources.ts";
import { Told } from "./told.ts";
import { toldServer } from "./told-server.ts";

/** How often logs are looked at, milliseconds. */
const LOOK = 1000;

const [option = "", root = ""] = process.argv.slice(2);
const file = option.replace(/^--settings=/, "");
const { platforms, store, audit, requests, address } = JSON.parse(readFileSync(file, "utf8")) as ShipperSettings;
const checkout = checkoutAt(root);
const mask = masks(root, knownSecrets(checkout));
const password = readText(join(root, store.passwordFile)) ?? "";
const told = new Told();
const shipper = new Shipper({
  store: { ...store, password },
  mask,
  file: join(dirname(file), "shipped.json"),
  looked: (reads) => told.looked("logs", reads),
});
const trail =
  audit === null
    ? undefined
    : new AuditTrail(
        {
          server: new LiveClient(audit),
          bucket: audit.bucket,
          mask,
          file: join(dirname(file), "audit-trail.json"),
          looked: (reads) => told.looked("audit", reads),
        },
        new Date(),
      );

const token = requests === null ? undefined : readText(join(root, requests.tokenFile));
const receiver =
  requests === null || token === undefined ? undefined : new RequestReceiver({ token, log: join(root, requests.log) });

const stop = new AbortController();
for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => stop.abort());
const server = toldServer(told, receiver);
const { hostname, port } = new URL(`http://${address}`);
server.listen(Number(port), hostname);

while (!stop.signal.aborted) {
  const sources = () => logSources(checkout, platforms);
  const isLeft = await told.during("logs", async () => {
    const done = await shipper.ship(sources(), new Date());
    if (done.left === 0) receiver?.shipped();
    return done;
  });
  if (trail !== undefined) await told.during("audit", () => trail.store(sources(), new Date()));
  if (!isLeft) await sleep(LOOK, undefined, { signal: stop.signal }).catch(() => undefined);
}
server.close();
