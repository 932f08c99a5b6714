import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Alert, History } from "../../history/history.ts";
import { openHistory } from "../../history/open-history.ts";
import { tellAll } from "../../monitor/tell.ts";

const of = { stage: "dev", server: "http://127.0.0.1:9000" };
const alert: Alert = { name: "BucketsUnhealthy", severity: "critical", platform: "shop", summary: "one." };
const hour = (number: number) => new Date(Date.UTC(2026, 0, 1) + number * 3_600_000);

let history: History;
let server: Server;
let port: number;
/** What was asked, a line each. */
let asked: string[];

beforeEach(async () => {
  history = await openHistory(":memory:");
  asked = [];
  server = createServer((request, response) => {
    const { method, url = "", headers } = request;
    asked.push([method, url, headers.authorization].filter(Boolean).join(" "));
    request.resume();
    if (url === "/moved") response.writeHead(302, { location: "/there" });
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  server.close();
  await history.close();
});

const note = (at: number, firing: readonly Alert[]) =>
  history.alerts.note(of, firing, () => true, hour(at).toISOString());

function telling(at: number, { webhook, alertmanager }: { webhook?: string; alertmanager?: string }) {
  const alerts = webhook === undefined ? undefined : { receivers: { "on-call": { webhook } } };
  const rules = { repeat: () => 4 * 3600, lasts: 600 };
  return tellAll({ of, book: history.alerts, alerts, alertmanager, ...rules }, hour(at));
}

test("name and password of an address go where they belong, and are shown to nobody", async () => {
  await note(0, [alert]);
  const address = `http://user:hidden@127.0.0.1:${port}`;
  const { failures, sent } = await telling(0, { alertmanager: address, webhook: `${address}/hook` });
  expect({ failures, sent }).toEqual({ failures: [], sent: 1 });
  expect(asked).toEqual([`POST /api/v2/alerts Basic ${Buffer.from("user:hidden").toString("base64")}`]);
  const closed = await telling(1, { alertmanager: "http://user:hidden@127.0.0.1:1" });
  expect(closed.failures.join()).toMatch(
    /^Alertmanager at http:\/\/127\.0\.0\.1:1 can't be reached \(\w+\); receivers/,
  );
  const none = await telling(2, { alertmanager: "user:hidden" });
  expect(none.failures.join()).not.toContain("hidden");
});

test("an address that leads elsewhere took nothing: a message that is asked for anew is none", async () => {
  await note(0, [alert]);
  const { failures } = await telling(0, { webhook: `http://127.0.0.1:${port}/moved` });
  expect(failures).toEqual(["receiver on-call answers 302; it is tried again"]);
  expect(asked).toEqual(["POST /moved"]);
});

test("who was told directly hears from Alertmanager once that is back, and from us that it is over", async () => {
  const webhook = `http://127.0.0.1:${port}/hook`;
  const alertmanager = `http://127.0.0.1:${port}`;
  await note(0, [alert]);
  await telling(0, { webhook });
  expect(asked).toEqual(["POST /hook"]);
  await telling(5, { webhook, alertmanager });
  expect(asked).toEqual(["POST /hook", "POST /api/v2/alerts"]);
  await note(6, []);
  await telling(6, { webhook, alertmanager });
  expect(asked.slice(2).sort()).toEqual(["POST /api/v2/alerts", "POST /hook"]);
});
