import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { HttpRequest } from "@smithy/core/protocols";
import { Hash } from "@smithy/core/serde";
import { SignatureV4 } from "@smithy/signature-v4";
import { Client } from "minio";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { archive, forge, KINDS, send, type Target } from "../support/forged-requests.ts";
import { Mc } from "../support/mc.ts";
import { TestServer } from "../support/minio.ts";

/** Buckets: what anybody may name, what the writer may not read, and what nobody may change. */
const [OPEN, SECRET, LOCKED] = ["open", "secret", "locked"];
const WRITER = { accessKeyId: "pipeline-writer", secretAccessKey: randomBytes(20).toString("hex") };
/** May read what is there now, by a condition on the version, and list one prefix. */
const READER = { accessKeyId: "prefix-reader", secretAccessKey: randomBytes(20).toString("hex") };
const ORIGINAL = "original";
/** Whether a forged request is wrong in its form or in its signature first is the server's to say. */
const REFUSED = [400, 403];

const folder = mkdtempSync(join(tmpdir(), "bucketworks-forged-"));
let server: TestServer;
let mc: Mc;
let root: S3Client;
let writer: S3Client;
let reader: S3Client;

type Credentials = typeof WRITER;

function clientOf(credentials: Credentials): S3Client {
  return new S3Client({ endpoint: server.url, region: "us-east-1", forcePathStyle: true, maxAttempts: 1, credentials });
}

type Parts = {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
};

/** A client that puts headers and parameters of its own choice into each request, before it is signed or after. */
function adding(parts: Parts, credentials: Credentials, when: "signed" | "unsigned" = "signed"): S3Client {
  const client = clientOf(credentials);
  const put = <Args extends { request: unknown }>(args: Args): Args => {
    const made = args.request as { headers: object; query: object };
    Object.assign(made.headers, parts.headers);
    Object.assign(made.query, parts.query);
    return args;
  };
  const stack = client.middlewareStack;
  if (when === "signed") stack.add((next) => (args) => next(put(args)), { step: "build" });
  else stack.add((next) => (args) => next(put(args)), { step: "finalizeRequest", priority: "low" });
  return client;
}

/** A URL for one request, as somebody hands it out. */
function presigned(method: string, bucket: string, key: string, { accessKeyId, secretAccessKey }: Credentials) {
  const [endPoint = "", port] = server.endpoint.split(":");
  const keys = { accessKey: accessKeyId, secretKey: secretAccessKey };
  return new Client({ endPoint, port: Number(port), useSSL: false, ...keys }).presignedUrl(method, bucket, key, 600);
}

const path = (url: string): string => url.slice(server.url.length);
const text = ({ Body }: GetObjectCommandOutput): Promise<string> | undefined => Body?.transformToString();

async function refused(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => "nothing refused it",
    (error: Error) => error.name,
  );
}

/** Every version of a bucket: unchanged, where nothing got in. */
const versions = (bucket: string): Promise<string> => mc.run("ls", "--recursive", "--versions", `t/${bucket}`);

async function userWith({ accessKeyId, secretAccessKey }: Credentials, ...statements: object[]): Promise<void> {
  await mc.run("admin", "user", "add", "t", accessKeyId, secretAccessKey);
  const file = join(folder, `${accessKeyId}.json`);
  writeFileSync(file, JSON.stringify({ Version: "2012-10-17", Statement: statements }));
  await mc.run("admin", "policy", "create", "t", accessKeyId, file);
  await mc.run("admin", "policy", "attach", "t", accessKeyId, "--user", accessKeyId);
}

beforeAll(async () => {
  server = await TestServer.start();
  mc = new Mc(server);
  root = clientOf({ accessKeyId: server.user, secretAccessKey: server.password });
  [writer, reader] = [clientOf(WRITER), clientOf(READER)];
  for (const bucket of [OPEN, SECRET]) await root.send(new CreateBucketCommand({ Bucket: bucket }));
  await root.send(new CreateBucketCommand({ Bucket: LOCKED, ObjectLockEnabledForBucket: true }));
  const versioned = { Bucket: OPEN, VersioningConfiguration: { Status: "Enabled" as const } };
  await root.send(new PutBucketVersioningCommand(versioned));
  await mc.run("retention", "set", "--default", "governance", "1d", `t/${LOCKED}`);
  for (const bucket of [OPEN, SECRET, LOCKED])
    for (const Key of ["theirs", "mine/one"])
      await root.send(new PutObjectCommand({ Bucket: bucket, Key, Body: ORIGINAL }));
  const objects = (bucket: string) => `arn:aws:s3:::${bucket}/*`;
  await userWith(
    WRITER,
    {
      Effect: "Allow",
      Action: ["s3:PutObject", "s3:ListMultipartUploadParts"],
      Resource: [objects(OPEN), objects(LOCKED)],
    },
    { Effect: "Allow", Action: ["s3:GetObject"], Resource: [objects(OPEN), objects(SECRET)] },
  );
  await userWith(
    READER,
    { Effect: "Allow", Action: ["s3:GetObject"], Resource: [objects(OPEN)] },
    {
      Effect: "Deny",
      Action: ["s3:GetObject"],
      Resource: [objects(OPEN)],
      Condition: { StringLike: { "s3:versionid": "?*" } },
    },
    {
      Effect: "Allow",
      Action: ["s3:ListBucket"],
      Resource: [`arn:aws:s3:::${OPEN}`],
      Condition: { StringLike: { "s3:prefix": "mine/*" } },
    },
  );
});

afterAll(async () => {
  mc.remove();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("a request that names somebody and proves nothing", () => {
  it.each(KINDS)(
    "is refused and leaves nothing, whosever name it has (CVE-2026-41145, CVE-2026-40344): %s",
    async (kind) => {
      const upload = { Bucket: OPEN, Key: "upload" };
      const { UploadId = "" } = await writer.send(new CreateMultipartUploadCommand(upload));
      const before = await versions(OPEN);
      const query = kind.startsWith("part") ? { partNumber: "1", uploadId: UploadId } : {};
      for (const accessKey of [WRITER.accessKeyId, server.user, "no-such-user"])
        for (const claims of ["everything", "host"] as const) {
          const target = { endpoint: server.endpoint, accessKey, bucket: OPEN, key: "upload", query, claims };
          expect(REFUSED, `${accessKey}, ${claims}`).toContain((await forge(kind, target)).status);
        }
      expect(await versions(OPEN)).toBe(before);
      expect((await writer.send(new ListPartsCommand({ ...upload, UploadId }))).Parts).toBeUndefined();
    },
  );

  it("destroys no version under a lock with root's name and headers of replication", async () => {
    const { VersionId = "" } = await root.send(new HeadObjectCommand({ Bucket: LOCKED, Key: "theirs" }));
    const reply = await forge("put", {
      endpoint: server.endpoint,
      accessKey: server.user,
      bucket: LOCKED,
      key: "theirs",
      headers: { "x-minio-source-replication-request": "true", "x-minio-source-mtime": "2020-01-01T00:00:00Z" },
      query: { versionId: VersionId },
    } satisfies Target);
    expect(REFUSED).toContain(reply.status);
    expect(await root.send(new GetObjectCommand({ Bucket: LOCKED, Key: "theirs", VersionId })).then(text)).toBe(
      ORIGINAL,
    );
  });
});

describe("a signed request believes no header beside its signature (SN-2026-011)", () => {
  const headers = { "x-amz-copy-source": `/${SECRET}/theirs` };

  it("a presigned PUT copies nothing, and takes no other header along", async () => {
    const url = path(await presigned("PUT", OPEN, "stolen", WRITER));
    for (const extra of [headers, { "X-AMZ-ACL": "public-read" }, { "x-amz-object-lock-mode": "" }])
      expect(await send(server.endpoint, "PUT", url, extra)).toEqual({ status: 400, code: "AccessDenied" });
    expect(await refused(root.send(new HeadObjectCommand({ Bucket: OPEN, Key: "stolen" })))).toBe("NotFound");
    expect(await send(server.endpoint, "PUT", url, {}, "right")).toMatchObject({ status: 200 });
  });

  it("a PUT signed by its header copies nothing when the header is put in on the way", async () => {
    const put = new PutObjectCommand({ Bucket: OPEN, Key: "stolen-too", Body: "x" });
    expect(await refused(adding({ headers }, WRITER, "unsigned").send(put))).toBe("AccessDenied");
    expect(await refused(root.send(new HeadObjectCommand({ Bucket: OPEN, Key: "stolen-too" })))).toBe("NotFound");
  });
});

it("a presigned request whose signature covers its body's hash takes no other body (SN-2026-012)", async () => {
  const policy = (prefix: string) => {
    const Statement = [
      { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: `arn:aws:s3:::${OPEN}/${prefix}/*` },
    ];
    return JSON.stringify({ Version: "2012-10-17", Statement });
  };
  const hash = createHash("sha256").update(policy("nothing")).digest("hex");
  const signer = new SignatureV4({
    service: "s3",
    region: "us-east-1",
    credentials: { accessKeyId: server.user, secretAccessKey: server.password },
    sha256: Hash.bind(null, "sha256"),
    uriEscapePath: false,
  });
  const headers = { host: server.endpoint, "x-amz-content-sha256": hash };
  const [hostname = "", port] = server.endpoint.split(":");
  const asked = { method: "PUT", protocol: "http:", hostname, port: Number(port), path: `/${OPEN}`, headers };
  const unhoistableHeaders = new Set(["x-amz-content-sha256"]);
  const { query } = await signer.presign(new HttpRequest({ ...asked, query: { policy: "" } }), { unhoistableHeaders });
  const to = `/${OPEN}?${new URLSearchParams(query as Record<string, string>)}`;
  const sent = (value: string) => send(server.endpoint, "PUT", to, { "x-amz-content-sha256": hash }, policy(value));
  expect(await sent("theirs")).toEqual({ status: 400, code: "XAmzContentSHA256Mismatch" });
  expect(await sent("nothing")).toMatchObject({ status: 204 });
});

describe("controls of replication are a replication peer's alone (CVE-2026-34204, SN-2026-008)", () => {
  it.each([
    { "x-minio-source-mtime": "2001-01-01T00:00:00Z" },
    { "x-minio-source-etag": "00000000000000000000000000000000" },
    { "x-minio-source-replication-request": "true" },
    { "x-minio-replication-server-side-encryption-sealed-key": "AAAA" },
    { "x-amz-replication-status": "REPLICA" },
  ])("a writer's %j is refused, as header and as parameter", async (control) => {
    const put = new PutObjectCommand({ Bucket: OPEN, Key: "poisoned", Body: "x" });
    expect(await refused(adding({ headers: control }, WRITER).send(put))).toBe("AccessDenied");
    expect(await refused(adding({ query: control }, WRITER).send(put))).toBe("AccessDenied");
    expect(await refused(root.send(new HeadObjectCommand({ Bucket: OPEN, Key: "poisoned" })))).toBe("NotFound");
  });

  it("a writer names no version: not in a request, not inside an archive", async () => {
    const before = await versions(OPEN);
    const { VersionId = "" } = await root.send(new HeadObjectCommand({ Bucket: OPEN, Key: "theirs" }));
    const put = new PutObjectCommand({ Bucket: OPEN, Key: "theirs", Body: "x" });
    expect(await refused(adding({ query: { versionId: VersionId } }, WRITER).send(put))).toBe("InvalidArgument");
    const sealed = { "minio.metadata.X-Minio-Replication-Server-Side-Encryption-Sealed-Key": "AAAA" };
    const tar = archive("theirs", "x", { "minio.versionId": VersionId, ...sealed });
    const extract = adding({ headers: { "x-amz-meta-snowball-auto-extract": "true" } }, WRITER);
    expect(await refused(extract.send(new PutObjectCommand({ Bucket: OPEN, Key: "a.tar", Body: tar })))).toBe(
      "InvalidArgument",
    );
    expect(await versions(OPEN)).toBe(before);
  });

  it("root may replicate, and still replaces no version under a lock", async () => {
    const { VersionId = "" } = await root.send(new HeadObjectCommand({ Bucket: LOCKED, Key: "theirs" }));
    const credentials = { accessKeyId: server.user, secretAccessKey: server.password };
    const headers = { "x-minio-source-mtime": "2001-01-01T00:00:00Z", "x-minio-source-replication-request": "true" };
    const Body = "replica";
    await adding({ headers }, credentials).send(new PutObjectCommand({ Bucket: OPEN, Key: "replica", Body }));
    const { LastModified } = await root.send(new HeadObjectCommand({ Bucket: OPEN, Key: "replica" }));
    expect(LastModified?.getUTCFullYear()).toBe(2001);
    const replica = { ...headers, "x-amz-replication-status": "REPLICA" };
    const peer = adding({ headers: replica, query: { versionId: VersionId } }, credentials);
    expect(await refused(peer.send(new PutObjectCommand({ Bucket: LOCKED, Key: "theirs", Body })))).toBe(
      "InvalidRequest",
    );
    expect(await root.send(new GetObjectCommand({ Bucket: LOCKED, Key: "theirs", VersionId })).then(text)).toBe(
      ORIGINAL,
    );
  });
});

describe("a policy's condition is judged by the request's own value (SN-2026-003)", () => {
  it("a header or parameter that spells a condition's key opens no other prefix", async () => {
    const list = (parts: Parts, Prefix?: string) =>
      adding(parts, READER).send(new ListObjectsV2Command({ Bucket: OPEN, Prefix }));
    expect((await list({}, "mine/")).KeyCount).toBe(1);
    expect(await refused(list({}, "th"))).toBe("AccessDenied");
    expect(await refused(list({ headers: { prefix: "mine/" } }, "th"))).toBe("AccessDenied");
    expect(await refused(list({ query: { Prefix: "mine/" } }, "th"))).toBe("AccessDenied");
    expect(await refused(list({ query: { prefix: ["", "mine/"] } }))).toBe("AccessDenied");
  });

  it("a header that spells `versionid` reads no former version", async () => {
    const { VersionId } = await root.send(new HeadObjectCommand({ Bucket: OPEN, Key: "theirs" }));
    const get = (client: S3Client) => client.send(new GetObjectCommand({ Bucket: OPEN, Key: "theirs", VersionId }));
    expect(await reader.send(new GetObjectCommand({ Bucket: OPEN, Key: "theirs" })).then(text)).toBe(ORIGINAL);
    expect(await refused(get(reader))).toBe("AccessDenied");
    expect(await refused(get(adding({ headers: { versionid: "" } }, READER)))).toBe("AccessDenied");
  });
});
