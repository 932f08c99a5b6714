/**
 * `node test/bench/bare-calls.ts create|refresh|destroy LIST`: the least that a server must be asked for what LIST has, a JSON
 * file of `Wanted`, 16 at a time. Server and credentials come by MINIO_ENDPOINT, MINIO_USER and MINIO_PASSWORD.
 */
import { readFileSync } from "node:fs";
import {
  GetBucketLifecycleConfigurationCommand,
  GetBucketVersioningCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
} from "@aws-sdk/client-s3";
import pMap from "p-map";
import { adminCall } from "../../provider/server/admin.ts";
import { connect } from "../../provider/server/connection.ts";
import { createBucket, deleteBucket } from "../../provider/server/write.ts";
import type { Wanted } from "./compared/platform.ts";

const WORKERS = 16;

const [step = "", list = ""] = process.argv.slice(2);
const { MINIO_ENDPOINT: endpoint = "", MINIO_USER: accessKey = "", MINIO_PASSWORD: secretKey = "" } = process.env;
const config = { endpoint, accessKey, secretKey, secure: false, region: "us-east-1" };
const server = connect(config, new AbortController().signal);
const steps: Readonly<Record<string, (wanted: Wanted) => Promise<unknown>>> = { create, refresh, destroy };
const work = steps[step];
if (work === undefined) throw new Error(`no step ${step}`);
await pMap(JSON.parse(readFileSync(list, "utf8")) as Wanted[], work, { concurrency: WORKERS });
for (const client of [server.s3, server.s3Once]) client.destroy();

async function create({ bucket: Bucket, expireDays, policy, document }: Wanted): Promise<void> {
  await createBucket(server, Bucket, false);
  const rule = {
    ID: "retention",
    Status: "Enabled",
    Filter: { Prefix: "" },
    Expiration: { Days: expireDays },
  } as const;
  // One setting of a bucket after the other: of two that are set at once MinIO may lose one.
  const versioning = { Bucket, VersioningConfiguration: { Status: "Enabled" } } as const;
  await server.s3.send(new PutBucketVersioningCommand(versioning));
  const lifecycle = { Bucket, LifecycleConfiguration: { Rules: [rule] } };
  await server.s3.send(new PutBucketLifecycleConfigurationCommand(lifecycle));
  await adminCall(server, "PUT", "add-canned-policy", { name: policy }, document);
}

async function refresh({ bucket: Bucket, policy }: Wanted): Promise<void> {
  await Promise.all([
    server.s3.send(new GetBucketVersioningCommand({ Bucket })),
    server.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })),
    adminCall(server, "GET", "info-canned-policy", { name: policy }),
  ]);
}

async function destroy({ bucket, policy }: Wanted): Promise<void> {
  await Promise.all([
    deleteBucket(server, bucket),
    adminCall(server, "DELETE", "remove-canned-policy", { name: policy }),
  ]);
}
