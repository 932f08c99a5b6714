import { createHash } from "node:crypto";
import type { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { VersionEntry } from "../../backup/manifest/schema.ts";
import { differenceOf } from "../../backup/restore/same.ts";
import { type Copy, copyOnServer, MIB } from "../../backup/run/copy.ts";
import { copyAcross } from "../../backup/run/stream.ts";
import { type Connection, connect } from "../../provider/server/connection.ts";
import { serverOf } from "../../provider/server/rights.ts";
import { CuttingProxy } from "../support/cutting-proxy.ts";
import { TestServer } from "../support/minio.ts";
import { sendInParts } from "../support/objects.ts";
import { rootClient } from "../support/state.ts";

const PART = 5 * 1024 * 1024;
const SIZE = 2 * PART + 3;
/** Of a millisecond less than a whole one the server keeps nothing. */
const UNTIL = new Date(Math.floor(Date.now() / 1000) * 1000 + 86_400_000);

let server: TestServer;
let proxy: CuttingProxy;
let s3: S3;
let here: Connection;
/** The same server by another address, whose line can be cut. */
let elsewhere: Connection;
let copy: Copy;

beforeAll(async () => {
  server = await TestServer.start();
  proxy = await CuttingProxy.before(server.url);
  s3 = rootClient(server);
  await s3.createBucket({ Bucket: "raw" });
  await s3.createBucket({ Bucket: "backups", ObjectLockEnabledForBucket: true });
  await s3.putBucketVersioning({ Bucket: "raw", VersioningConfiguration: { Status: "Enabled" } });
  await sendInParts(s3, "raw", "parts");
  const { VersionId = "", ETag = "" } = await s3.headObject({ Bucket: "raw", Key: "parts" });
  copy = {
    source: { bucket: "raw", key: "parts", version: VersionId, etag: ETag },
    size: SIZE,
    target: { bucket: "backups", key: "objects/parts" },
    lock: { mode: "COMPLIANCE", until: UNTIL },
    headers: { ContentType: "text/parts", Metadata: { a: "b" }, Tagging: "kind=large" },
  };
  const { user: accessKey, password: secretKey } = server;
  const [first, second] = [server.endpoint, proxy.endpoint].map((endpoint) =>
    connect({ endpoint, secure: false, region: "us-east-1", accessKey, secretKey }, new AbortController().signal),
  );
  [here, elsewhere] = [first as Connection, second as Connection];
});

afterAll(async () => {
  for (const client of [s3, here?.s3, elsewhere?.s3]) client?.destroy();
  proxy?.stop();
  await server?.stop();
});

async function isWhole(version: string): Promise<void> {
  const at = { Bucket: "backups", Key: copy.target.key, VersionId: version };
  const { Body, ContentType, Metadata, TagCount, ObjectLockRetainUntilDate } = await s3.getObject(at);
  expect({ ContentType, Metadata, TagCount, ObjectLockRetainUntilDate }).toEqual({
    ...{ ContentType: "text/parts", Metadata: { a: "b" }, TagCount: 1, ObjectLockRetainUntilDate: UNTIL },
  });
  const { Body: whole } = await s3.getObject({ Bucket: "raw", Key: "parts" });
  const [is, was] = await Promise.all([Body, whole].map((each) => each?.transformToByteArray()));
  const digest = (bytes: Uint8Array = new Uint8Array()) => createHash("sha256").update(bytes).digest("hex");
  expect([is?.length, digest(is)]).toEqual([SIZE, digest(was)]);
}

/** What was changed meanwhile isn't copied, and nothing of it stays. */
async function refusesAnother(tried: (copy: Copy) => Promise<string>): Promise<void> {
  await expect(tried({ ...copy, source: { ...copy.source, etag: "0" } })).rejects.toMatchObject({
    name: "PreconditionFailed",
  });
  expect((await s3.listMultipartUploads({ Bucket: "backups" })).Uploads).toBeUndefined();
}

test("an object too large for one copy is copied in parts, with its metadata and tags", async () => {
  const limits = { limit: PART, part: PART };
  await isWhole(await copyOnServer(here, copy, limits));
  await refusesAnother((each) => copyOnServer(here, each, limits));
});

test("a large object that came back in parts is compared by the digests of its parts, and read where they are others", async () => {
  const { target, source, headers } = copy;
  const stored = { key: target.key, version: await copyOnServer(here, copy, { limit: PART, part: PART }), until: "" };
  const entry: VersionEntry = {
    ...{ key: source.key, version: source.version, modified: "", size: SIZE, etag: "of-no-digest", latest: true },
    ...{ metadata: { "content-type": "text/parts", "x-amz-meta-a": "b" }, tags: { kind: "large" }, stored },
  };
  await s3.createBucket({ Bucket: "back" });
  await s3.putBucketVersioning({ Bucket: "back", VersioningConfiguration: { Status: "Enabled" } });
  const read: string[] = [];
  proxy.cut = (request) => {
    if (request.startsWith("GET ") && !request.includes("tagging")) read.push(request);
    return undefined;
  };
  const differs = async (part: number, other: string | undefined) => {
    const from = other ?? stored.key;
    const back = { source: { bucket: "backups", key: from, version: "", etag: undefined }, size: SIZE, headers };
    const { VersionId = "" } = await s3.headObject({ Bucket: "backups", Key: from });
    const made = {
      ...back,
      source: { ...back.source, version: VersionId },
      target: { bucket: "back", key: entry.key },
    };
    const version = await copyOnServer(here, made, { limit: PART, part });
    read.length = 0;
    return differenceOf(
      { server: elsewhere, bucket: "back", version },
      { entry, backups: elsewhere, target: "backups" },
    );
  };
  expect([await differs(PART, undefined), read]).toEqual([undefined, []]);
  expect([await differs(PART + MIB, undefined), read.length]).toEqual([undefined, 2]);
  await s3.putObject({ Bucket: "backups", Key: "objects/other", Body: Buffer.alloc(SIZE, "x") });
  expect([await differs(PART, "objects/other"), read.length]).toEqual(["its content is another", 2]);
});

test("an object is sent to another server as one stream or in parts, checked by that server, with its metadata and tags", async () => {
  for (const part of [SIZE, PART]) {
    const version = await copyAcross(elsewhere, here, copy, { part });
    await isWhole(version);
    const id = { Bucket: "backups", Key: copy.target.key, VersionId: version };
    const { ChecksumType, ChecksumCRC64NVME } = await s3.headObject({ ...id, ChecksumMode: "ENABLED" });
    expect([part, ChecksumType, ChecksumCRC64NVME]).toEqual([part, "FULL_OBJECT", expect.any(String)]);
    await refusesAnother((each) => copyAcross(elsewhere, here, each, { part }));
  }
});

test("a line that breaks within an object is tried again; one that breaks each time ends the copy, names its server and leaves nothing", async () => {
  for (const part of [SIZE, PART]) {
    let breaks = 1;
    proxy.cut = (request) => (request.startsWith("GET /raw/parts") && breaks-- > 0 ? "within" : undefined);
    await isWhole(await copyAcross(elsewhere, here, copy, { part }));
    const before = await s3.listObjectVersions({ Bucket: "backups" });
    proxy.cut = (request) => (request.startsWith("GET /raw/parts") ? "within" : undefined);
    const failed = await copyAcross(elsewhere, here, copy, { part }).catch((error: unknown) => error);
    expect([failed, serverOf(failed)]).toEqual([expect.any(Error), elsewhere.url]);
    expect((await s3.listObjectVersions({ Bucket: "backups" })).Versions).toHaveLength(before.Versions?.length ?? 0);
    expect((await s3.listMultipartUploads({ Bucket: "backups" })).Uploads).toBeUndefined();
  }
});
