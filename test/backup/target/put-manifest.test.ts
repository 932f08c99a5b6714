import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { ManifestPlace } from "../../../backup/target/manifests.ts";
import { putManifest } from "../../../backup/target/put-manifest.ts";
import { connect } from "../../../provider/server/connection.ts";

const BYTES = 3 * 1024 * 1024;
const CONTENT = Buffer.alloc(BYTES, "manifest ");
const SHA256 = createHash("sha256").update(CONTENT).digest("hex");
const NAME = "20261130T020000Z.ndjson.gz";

const folder = mkdtempSync(join(tmpdir(), "bucketworks-put-manifest-"));
const path = join(folder, "spooled");
const trailer = { versions: 2, markers: 0, bytes: 6, added: 1, addedBytes: 3 };
const file = { path, written: { trailer, sha256: SHA256, bytes: BYTES } };
const until = new Date("2027-01-01T00:00:00Z");

let got: { method: string | undefined; headers: IncomingHttpHeaders; body: Buffer }[] = [];
/** Statuses of the answers, the last one for all others, too. */
let answers: number[] = [];
/** The digest that the manifest has which is there already. */
let there = "";
let place: ManifestPlace;

const server = createServer(async (request, response) => {
  const status = request.method === "HEAD" ? 200 : ((answers.length > 1 ? answers.shift() : answers[0]) ?? 200);
  got.push({ method: request.method, headers: request.headers, body: await bodyOf(request) });
  const counts = ["versions", "markers", "bytes", "added", "added-bytes"].map((name) => [`x-amz-meta-${name}`, "1"]);
  if (request.method === "HEAD") response.writeHead(200, { ...Object.fromEntries(counts), "x-amz-meta-sha256": there });
  else response.writeHead(status, { "content-type": "application/xml" });
  response.end(status === 412 ? "<Error><Code>PreconditionFailed</Code><Message>there</Message></Error>" : "");
});

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

beforeAll(async () => {
  writeFileSync(path, CONTENT);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = { endpoint, secure: false, region: "us-east-1", accessKey: "key", secretKey: "secret" };
  place = { server: connect(config, new AbortController().signal), target: "backups", prefix: "daily/", bucket: "raw" };
});

beforeEach(() => {
  got = [];
});

afterAll(() => {
  place.server.s3.destroy();
  server.close();
  rmSync(folder, { recursive: true });
});

const put = () => putManifest(place, NAME, file, { mode: "COMPLIANCE", until, tagsRead: "2026-11-30T02:00:00.000Z" });

test("a manifest that is tried again after a fault of the server is sent whole, and signed by its content", async () => {
  answers = [503, 200];
  await put();
  expect(got).toHaveLength(2);
  for (const { headers, body } of got) {
    expect(body.equals(CONTENT)).toBe(true);
    expect(headers).toMatchObject({
      ...{ "content-length": String(BYTES), "x-amz-content-sha256": SHA256, "if-none-match": "*" },
      ...{ expect: "100-continue", "x-amz-object-lock-mode": "COMPLIANCE", "x-amz-meta-added-bytes": "3" },
    });
  }
});

test("one that another run has stored by its name is refused, and its own of which the answer was lost isn't", async () => {
  answers = [412];
  there = "b".repeat(64);
  await expect(put()).rejects.toThrow(/another run has just stored the manifest 20261130T020000Z/);
  there = SHA256;
  await expect(put()).resolves.toBeUndefined();
});
