import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get, request } from "node:http";
import { Agent, get as getTls, request as requestTls } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { Client } from "minio";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Mc } from "../support/mc.ts";
import { TestServer } from "../support/minio.ts";
import { type Certificate, makeCertificate } from "../support/tls.ts";

const BUCKET = "usual";
const PART = randomBytes(5 * 1024 * 1024);

let certificate: Certificate;
let plain: TestServer;
let secure: TestServer;
let mc: Mc;
const folder = mkdtempSync(join(tmpdir(), "bucketworks-clients-"));

beforeAll(async () => {
  certificate = makeCertificate();
  [plain, secure] = await Promise.all([TestServer.start(), TestServer.start({}, certificate)]);
  mc = new Mc(plain);
  for (const server of [plain, secure]) await clientOf(server).send(new CreateBucketCommand({ Bucket: BUCKET }));
});

afterAll(async () => {
  mc.remove();
  await Promise.all([plain.stop(), secure.stop()]);
  certificate.remove();
  rmSync(folder, { recursive: true, force: true });
});

function clientOf({ url, user, password, tls }: TestServer): S3Client {
  return new S3Client({
    endpoint: url,
    region: "us-east-1",
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: user, secretAccessKey: password },
    ...(tls && { requestHandler: new NodeHttpHandler({ httpsAgent: new Agent({ ca: readFileSync(tls.caFile) }) }) }),
  });
}

async function read(s3: S3Client, Key: string): Promise<string | undefined> {
  return (await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }))).Body?.transformToString("latin1");
}

/** One request by a URL alone. @returns status and body */
function by(url: string, { tls }: TestServer, body?: string): Promise<[number | undefined, string]> {
  const options = { method: body === undefined ? "GET" : "PUT", ...(tls && { ca: readFileSync(tls.caFile) }) };
  const started = tls ? (body === undefined ? getTls : requestTls) : body === undefined ? get : request;
  return new Promise((resolve, reject) => {
    const sent = started(url, { ...options, headers: body === undefined ? {} : { "content-length": body.length } });
    sent.once("error", reject);
    sent.once("response", async (response) => {
      let text = "";
      for await (const part of response) text += part;
      resolve([response.statusCode, text]);
    });
    sent.end(body);
  });
}

describe.each([["http"], ["https"]])("over %s", (scheme) => {
  const server = () => (scheme === "http" ? plain : secure);

  it("the SDK writes with a checksum behind the body, metadata, tags and encryption, copies and tags", async () => {
    const s3 = clientOf(server());
    const Body = Readable.from([Buffer.from("a stream"), Buffer.from(" of two")]);
    const more = {
      ContentLength: 15,
      Metadata: { of: "test" },
      Tagging: "a=b",
      ServerSideEncryption: "AES256" as const,
    };
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: "stream", Body, ...more }));
    expect(await read(s3, "stream")).toBe("a stream of two");
    const CopySource = `${BUCKET}/stream`;
    await s3.send(new CopyObjectCommand({ Bucket: BUCKET, Key: "copy", CopySource, MetadataDirective: "COPY" }));
    const Tagging = { TagSet: [{ Key: "c", Value: "d" }] };
    await s3.send(new PutObjectTaggingCommand({ Bucket: BUCKET, Key: "copy", Tagging }));
    const head = await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: "copy" }));
    expect(head.Metadata).toEqual({ of: "test" });
  });

  it("the SDK uploads in parts", async () => {
    const s3 = clientOf(server());
    const upload = { Bucket: BUCKET, Key: "parts" };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...upload, ChecksumAlgorithm: "CRC32" }));
    const Parts = [];
    for (const [PartNumber, Body] of [
      [1, PART],
      [2, Buffer.from("end")],
    ] as const) {
      const ChecksumAlgorithm = "CRC32" as const;
      const part = await s3.send(new UploadPartCommand({ ...upload, UploadId, PartNumber, Body, ChecksumAlgorithm }));
      Parts.push({ PartNumber, ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32 });
    }
    await s3.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: { Parts } }));
    expect(await read(s3, "parts")).toBe(`${PART.toString("latin1")}end`);
  });

  it("a presigned URL writes, and another one reads", async () => {
    const { endpoint, user, password, tls } = server();
    const [endPoint = "", port] = endpoint.split(":");
    const keys = { accessKey: user, secretKey: password };
    const signer = new Client({
      endPoint,
      port: Number(port),
      useSSL: tls !== undefined,
      region: "us-east-1",
      ...keys,
    });
    const put = await signer.presignedPutObject(BUCKET, "by-url", 60);
    expect((await by(put, server(), "written by a URL"))[0]).toBe(200);
    expect(await by(await signer.presignedGetObject(BUCKET, "by-url", 60), server())).toEqual([
      200,
      "written by a URL",
    ]);
  });
});

it("mc writes, in one piece and in parts, with tags and from a pipe of its own, mirrors and shares", async () => {
  writeFileSync(join(folder, "small"), "small");
  writeFileSync(join(folder, "large"), Buffer.concat([PART, PART, PART, PART]));
  await mc.run("put", join(folder, "small"), `t/${BUCKET}/mc/small`);
  await mc.run("cp", "--tags", "a=b", "--attr", "of=test", join(folder, "small"), `t/${BUCKET}/mc/tagged`);
  await mc.run("put", "--part-size", "5MiB", join(folder, "large"), `t/${BUCKET}/mc/large`);
  await mc.run("mirror", folder, `t/${BUCKET}/mirror`);
  await mc.run("cp", `t/${BUCKET}/mc/large`, `t/${BUCKET}/mc/again`);
  const sizes = (await mc.run("ls", "--json", "--recursive", `t/${BUCKET}/mc`, `t/${BUCKET}/mirror`))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { key: string; size: number })
    .map(({ key, size }) => `${key} ${size}`);
  const large = 4 * PART.length;
  const inFolders = [`again ${large}`, `large ${large}`, "small 5", "tagged 5", `large ${large}`, "small 5"];
  expect(sizes.sort()).toEqual(inFolders.sort());
  const share = /Share: (\S+)/.exec(await mc.run("share", "download", `t/${BUCKET}/mc/small`));
  expect(await by(share?.[1] ?? "", plain)).toEqual([200, "small"]);
});
