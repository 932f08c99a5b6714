import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { HttpRequest } from "@smithy/core/protocols";
import { Hash } from "@smithy/core/serde";
import { SignatureV4 } from "@smithy/signature-v4";
import { assert, asyncProperty, constantFrom, string } from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LiveClient } from "../../live/client.ts";
import { adminCall } from "../../provider/server/admin.ts";
import { type Connection, connect } from "../../provider/server/connection.ts";
import { signedRequest } from "../../provider/server/signed.ts";

const KEY = { accessKey: "somebody", secretKey: "a-secret-of-the-test" };
/** All of printable ASCII but the slash, and some of what comes after it: two, three and four bytes, and a mark. */
const CHARACTERS = [..."ñüß€中\u00a0\u0301\u200b😀"];
for (let code = 0x20; code < 0x7f; code++) if (code !== 0x2f) CHARACTERS.push(String.fromCharCode(code));
const NAMES = string({ unit: constantFrom(...CHARACTERS), minLength: 1, maxLength: 12 });
const EVERY = CHARACTERS.join("");

let server: Server;
let client: LiveClient;
let connection: Connection;
let seen: IncomingMessage;

beforeAll(async () => {
  server = createServer((request, response) => {
    seen = request;
    response.end("{}");
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const endpoint = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const address = { endpoint, secure: false, region: "us-east-1", ...KEY };
  client = new LiveClient(address);
  connection = connect(address, new AbortController().signal);
});

afterAll(() => {
  client.close();
  connection.s3.destroy();
  server.close();
});

/** What a server takes a request for: its path and query decoded, and the signature that the SDK makes of those. */
async function asServed({ method = "", url = "", headers }: IncomingMessage) {
  const [path = "", query = ""] = url.split(/\?(.*)/s);
  const meant = Object.fromEntries(
    query
      .split("&")
      .filter((pair) => pair !== "")
      .map((pair) => pair.split(/=(.*)/s).map((part) => decodeURIComponent(part.replaceAll("+", " ")))),
  ) as Record<string, string>;
  const [, signedHeaders = "", signature] =
    /SignedHeaders=([^,]+),\s*Signature=(\w+)/.exec(headers.authorization ?? "") ?? [];
  const segments = decodeURIComponent(path).split("/");
  const request = new HttpRequest({
    method,
    path: segments.map((each) => encodeURIComponent(each).replaceAll(/[!'()*]/g, percent)).join("/"),
    query: meant,
    headers: Object.fromEntries(signedHeaders.split(";").map((name) => [name, String(headers[name])])),
  });
  const signer = new SignatureV4({
    service: "s3",
    region: "us-east-1",
    credentials: { accessKeyId: KEY.accessKey, secretAccessKey: KEY.secretKey },
    sha256: Hash.bind(null, "sha256"),
    uriEscapePath: false,
  });
  const date = String(headers["x-amz-date"]);
  const signingDate = new Date(date.replace(/(....)(..)(..T..)(..)(..Z)/, "$1-$2-$3:$4:$5"));
  const { headers: made } = await signer.sign(request, { signingDate });
  return { path: segments.join("/"), query: meant, signature, right: /\w+$/.exec(made.authorization ?? "")?.[0] };
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

async function meansAndSigns(path: string, query: Record<string, string>): Promise<void> {
  const { signature, right, ...meant } = await asServed(seen);
  expect(meant).toEqual({ path, query });
  expect(signature).toBe(right);
}

test("whatever is in a name, a read of verify and scan means it and is signed as the SDK signs it", async () => {
  const check = async (name: string, value: string): Promise<void> => {
    await client.send({ bucketName: "raw-data", objectName: `in/${name}`, query: { prefix: value, uploads: "" } });
    await meansAndSigns(`/raw-data/in/${name}`, { prefix: value, uploads: "" });
    await client.admin("group", { group: value });
    await meansAndSigns("/minio/admin/v3/group", { group: value });
  };
  await check(EVERY, EVERY);
  await assert(asyncProperty(NAMES, NAMES, check), { numRuns: 30 });
});

test("whatever is in a name, a call of the provider means it and is signed as the SDK signs it", async () => {
  const check = async (name: string, value: string): Promise<void> => {
    await signedRequest(connection, { method: "GET", path: `/raw-data/in/${name}`, query: { versioning: "" } });
    await meansAndSigns(`/raw-data/in/${name}`, { versioning: "" });
    await adminCall(connection, "GET", "user-info", { accessKey: value });
    await meansAndSigns("/minio/admin/v3/user-info", { accessKey: value });
  };
  await check(EVERY, EVERY);
  await assert(asyncProperty(NAMES, NAMES, check), { numRuns: 30 });
});
