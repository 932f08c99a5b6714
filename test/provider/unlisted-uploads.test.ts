import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { remove } from "../../provider/bucket.ts";
import type { BucketInputs } from "../../provider/bucket-types.ts";
import { type Connection, connect } from "../../provider/server/connection.ts";
import { unlistedUploads } from "../../provider/server/unlisted-uploads.ts";
import { Mc } from "../support/mc.ts";
import { TestServer } from "../support/minio.ts";
import { rootClient } from "../support/state.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";

const PART = { Bucket: "parts", Key: "deep/big.bin" };
const EMPTY = { bucket: "parts", declared: { onDelete: "delete_if_empty" } } as unknown as BucketInputs;

let server: TestServer;
let client: S3;
let connection: Connection;

beforeAll(async () => {
  server = await TestServer.start();
  client = rootClient(server);
  connection = connected();
});

afterAll(async () => {
  client.destroy();
  await server.stop();
});

beforeEach(async () => {
  for (const Bucket of ["parts", "other"]) await client.createBucket({ Bucket }).catch(() => undefined);
});

function connected(accessKey = server.user, secretKey = server.password): Connection {
  const where = { endpoint: server.endpoint, secure: false, region: "us-east-1" };
  return connect({ ...where, accessKey, secretKey }, new AbortController().signal);
}

async function begun(part: { Bucket: string; Key: string } = PART): Promise<{ UploadId: string; ETag?: string }> {
  const { UploadId = "" } = await client.createMultipartUpload(part);
  const { ETag } = await client.uploadPart({ ...part, UploadId, PartNumber: 1, Body: "half of it" });
  return { UploadId, ...(ETag && { ETag }) };
}

/** Removes the bucket. @returns what is said meanwhile */
async function removal(by = connection): Promise<string[]> {
  const lines: string[] = [];
  await remove(by, EMPTY, async (line) => void lines.push(line));
  return lines;
}

test("an upload begun before the server's last start is seen, though no bucket lists it, and its bucket stays until it is complete", async () => {
  const { UploadId, ETag } = await begun();
  await server.pause();
  await server.resume();
  expect((await client.listMultipartUploads({ Bucket: "parts" })).Uploads).toBeUndefined();
  await expect(removal()).rejects.toThrow(
    /^bucket parts isn't deleted: http:\S+ holds 1 upload in progress that no bucket lists \(the last begun \d{4}-\S+Z\), .*; nothing was deleted\. .*mc rb ALIAS\/parts/,
  );
  expect((await client.listParts({ ...PART, UploadId })).Parts?.map((part) => part.ETag)).toEqual([ETag]);
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await client.completeMultipartUpload({ ...PART, UploadId, MultipartUpload });
  expect(await unlistedUploads(connection)).toEqual({ count: 0, lastBegan: undefined });
  await expect(removal()).rejects.toThrow(/isn't empty: 1 object versions/);
  await client.deleteObject(PART);
  expect(await removal()).toEqual([]);
});

test("uploads that another bucket lists don't keep this one, however many they are", async () => {
  const uploads = [];
  for (let n = 0; n < 150; n++) uploads.push(await begun({ Bucket: "other", Key: `${n}` }));
  expect(await removal()).toEqual([]);
  await server.pause();
  await server.resume();
  const { count, lastBegan = "" } = await unlistedUploads(connection);
  expect(count).toBe(150);
  expect(Math.abs(Date.parse(lastBegan) - Date.now())).toBeLessThan(3600_000);
  for (const [n, { UploadId }] of uploads.entries()) {
    await client.abortMultipartUpload({ Bucket: "other", Key: `${n}`, UploadId });
  }
  expect((await unlistedUploads(connection)).count).toBe(0);
});

test("who may not look at the server's drives is told so, and the empty bucket goes", async () => {
  const file = join(temporaryFolder(), "buckets.json");
  const buckets = { Effect: "Allow", Action: ["s3:*"], Resource: ["arn:aws:s3:::*"] };
  writeFileSync(file, JSON.stringify({ Version: "2012-10-17", Statement: [buckets] }));
  const mc = new Mc(server);
  await mc.run("admin", "policy", "create", "t", "buckets", file);
  await mc.run("admin", "user", "add", "t", "deployer", "a-secret-of-the-test");
  await mc.run("admin", "policy", "attach", "t", "buckets", "--user", "deployer");
  mc.remove();
  const lines = await removal(connected("deployer", "a-secret-of-the-test"));
  expect(lines).toEqual([
    expect.stringMatching(/^bucket parts is deleted without a look for uploads .* lacks admin:InspectData$/),
  ]);
  await expect(client.headBucket({ Bucket: "parts" })).rejects.toThrow();
});
