import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { alertmanagerUrl, firingAlerts } from "../../../cli/report/alerts.ts";

let server: Server;
let url: string;
let authorization: string | undefined;
let answer: { readonly status: number; readonly body: string };

beforeAll(async () => {
  server = createServer((request, response) => {
    authorization = request.headers.authorization;
    response.writeHead(answer.status).end(answer.body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://user:secret@127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
});

test("an Alertmanager that isn't there, and one that isn't one, are told without the password of the address", async () => {
  answer = { status: 503, body: "" };
  expect(await firingAlerts(url.replace("user:secret@", ""))).toEqual({
    reason: expect.stringMatching(/^Alertmanager at http:\/\/127\.0\.0\.1:\d+ answered 503$/),
  });
  answer = { status: 200, body: '{"not": "a list"}' };
  expect(await firingAlerts(url.replace("user:secret@", ""))).toEqual({
    reason: expect.stringContaining("not as Alertmanager would"),
  });
  answer = { status: 200, body: "<html>" };
  expect(await firingAlerts(url.replace("user:secret@", ""))).toHaveProperty("reason");
  const reason = JSON.stringify([await firingAlerts(url), await firingAlerts("http://user:secret@127.0.0.1:1")]);
  expect(reason).toContain("can't reach Alertmanager at http://127.0.0.1:1");
  expect(reason).not.toContain("secret");
});

test("a name and a password in the address are sent as such", async () => {
  answer = { status: 200, body: "[]" };
  expect(await firingAlerts(url)).toEqual({ entries: [] });
  expect(authorization).toBe(`Basic ${Buffer.from("user:secret").toString("base64")}`);
});

test("where none is known the report says what to do, and a variable names one", async () => {
  expect(await firingAlerts(undefined)).toEqual({ reason: expect.stringContaining("BUCKETWORKS_ALERTMANAGER") });
  expect(alertmanagerUrl("/nowhere", true, { BUCKETWORKS_ALERTMANAGER: "http://there:9093" })).toBe(
    "http://there:9093",
  );
  expect(alertmanagerUrl("/nowhere", true, {})).toBeUndefined();
});
