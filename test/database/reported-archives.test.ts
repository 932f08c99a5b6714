import type { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { databaseArchives } from "../../cli/report/database-archive.ts";
import { databaseBackupsSeen } from "../../cli/report/database-backups.ts";
import { connect } from "../../provider/server/connection.ts";
import { TestServer } from "../support/minio.ts";
import { modelOf } from "../support/spec.ts";
import { rootClient } from "../support/state.ts";
import { addressOf } from "../support/verified.ts";

const SPEC = `bucket_groups:
  all: {versioning: true, buckets: [{name: kept}]}
database_backup: {bucket: kept, prefix: postgres/, service_account: archiver}
access:
  policies:
    archive: {grants: [{role: list, bucket: kept}, {role: read_write, bucket: kept}]}
  users: {archiver-user: {policies: [archive]}}
  service_accounts: {archiver: {user: archiver-user, policies: [archive]}}
`;
const place = { bucket: "kept", prefix: "postgres/" };
const info = (status: string, day: string) =>
  `backup_label=None\nstatus=${status}\nend_time=2026-11-${day} 01:11:30.123456+00:00\n`;

let server: TestServer;
let s3: S3;
beforeAll(async () => {
  server = await TestServer.start();
  s3 = rootClient(server);
  await s3.createBucket({ Bucket: "kept" });
});
afterAll(async () => {
  s3?.destroy();
  await server?.stop();
});

const put = (Key: string, Body = "x") => s3.putObject({ Bucket: "kept", Key: `postgres/${Key}`, Body });
async function archives() {
  const store = connect(addressOf(server), new AbortController().signal);
  try {
    return await databaseArchives(store, place);
  } finally {
    store.s3.destroy();
  }
}

test("an empty place holds no server, and one whose log alone is there has no base backup", async () => {
  expect(await archives()).toEqual([]);
  await put("old/wals/0000000100000000/000000010000000000000001.gz");
  expect(await archives()).toEqual([{ server: "old", first: null, last: null, logAt: expect.any(Date) }]);
});

test("the oldest and the newest base backup that are whole count, and the newest segment of the newest timeline", async () => {
  await put("new/base/20261101T010000/backup.info", info("FAILED", "01"));
  await put("new/base/20261102T010000/backup.info", info("DONE", "02"));
  await put("new/base/20261103T010000/backup.info", info("DONE", "03"));
  await put("new/base/20261104T010000/data.tar.gz"); // interrupted
  await put("new/wals/0000000200000000/000000020000000000000009.gz");
  await new Promise((resolve) => setTimeout(resolve, 1100)); // listings have whole seconds
  await put("new/wals/0000000100000000/000000010000000000000008.gz"); // of the timeline before, late
  const [found, old] = await archives();
  expect(found).toMatchObject({
    ...{ server: "new", first: new Date("2026-11-02T01:11:30.123Z"), last: new Date("2026-11-03T01:11:30.123Z") },
  });
  const { Contents = [] } = await s3.listObjectsV2({ Bucket: "kept", Prefix: "postgres/new/wals/00000002" });
  expect(found?.logAt).toEqual(Contents[0]?.LastModified);
  expect(old?.server).toBe("old");
});

test("of two servers the one whose log goes on is current; a key that may not look is told in a sentence", async () => {
  const model = modelOf(SPEC);
  const drill = {
    at: "2026-11-22T05:00:00.000Z",
    restore_seconds: 1,
    duration_seconds: 2,
    loss_seconds: null,
    tables: 1,
    rows: 1,
    bytes: 1,
    gaps: 0,
  };
  const drills = new Map([["s3://kept/postgres/new", drill]]);
  const seen = await databaseBackupsSeen(model, addressOf(server), (at) => drills.get(at));
  expect(seen).toMatchObject({
    entries: [
      { server: "new", is_current: true, last_base_at: "2026-11-03T01:11:30.123Z", max_age_hours: 26, drill },
      {
        server: "old",
        is_current: false,
        last_base_at: null,
        recoverable_from: null,
        recoverable_until: null,
        drill: null,
      },
    ],
  });
  const wrong = await databaseBackupsSeen(model, addressOf(server, { accessKey: "nobody" }), () => undefined);
  expect(wrong).toEqual({
    reason: expect.stringMatching(/^backups of databases can't be looked at: .*InvalidAccessKeyId/),
  });
  const away = await databaseBackupsSeen(model, { ...addressOf(server), endpoint: "127.0.0.1:1" }, () => undefined);
  expect(away).toEqual({ reason: expect.stringMatching(/^backups of databases can't be looked at: can't reach/) });
  expect(
    await databaseBackupsSeen(modelOf(SPEC.replace(/database_backup.*\n/, "")), addressOf(server), () => undefined),
  ).toBeUndefined();
});
