import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RequestReceiver } from "../../../cli/logs/request-receiver.ts";
import { Told } from "../../../cli/logs/told.ts";
import { toldServer } from "../../../cli/logs/told-server.ts";

const folder = mkdtempSync(join(tmpdir(), "requests-"));
const log = join(folder, "minio-requests.log");
const receiver = new RequestReceiver({ token: "the-token", log, limit: 400 });
const server = toldServer(new Told(() => undefined), receiver);

beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const told = (object: string) =>
  JSON.stringify({ trigger: "incoming", api: { name: "PutObject", bucket: "b", object, statusCode: 200 } });
async function tell(body: string, authorization = "Bearer the-token"): Promise<number> {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/server-requests`;
  return (await fetch(url, { method: "POST", headers: { authorization }, body })).status;
}
const messages = () =>
  readFileSync(log, "utf8")
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { message: string }).message);

test("a stranger's request is refused, and nothing of it is written", async () => {
  expect(await tell(told("forged"), "Bearer another")).toBe(401);
  expect(await tell(told("forged"), "")).toBe(401);
  expect(existsSync(log)).toBe(false);
});

test("requests are lines of a log that its owner alone reads; one that can't be read is said, and keeps none waiting", async () => {
  expect(await tell(told("one"))).toBe(200);
  expect(await tell(`no request\n`)).toBe(200);
  expect(messages()).toEqual([
    "PutObject b/one 200",
    "what the server told of a request can't be kept: it is none that is known",
  ]);
  expect((statSync(log).mode & 0o777).toString(8)).toBe("600");
});

test("a log that is full takes no more until all of it was shipped: then it is moved away, and the next is begun", async () => {
  expect(await tell(`${told("two")}\n${told("three")}`)).toBe(200);
  expect(await tell(told("four"))).toBe(503);
  expect(messages()).not.toContain("PutObject b/four 200");
  receiver.shipped();
  expect(await tell(told("four"))).toBe(200);
  expect(messages()).toEqual(["PutObject b/four 200"]);
  expect(readFileSync(`${log}.1`, "utf8")).toContain("PutObject b/three 200");
  receiver.shipped();
  expect(messages()).toEqual(["PutObject b/four 200"]);
});

test("what is told and too long is forgotten, and that is said", async () => {
  receiver.shipped();
  expect(await tell("x".repeat(9 * 1024 * 1024))).toBe(200);
  expect(messages().at(-1)).toBe("what the server told of a request can't be kept: it is too long");
});
