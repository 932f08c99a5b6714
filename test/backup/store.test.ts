import { CopyObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import type { Listed } from "../../backup/run/listing.ts";
import { type Store, storeVersion } from "../../backup/run/store.ts";
import type { Connection } from "../../provider/server/connection.ts";

const LISTED: Listed = {
  ...{
    key: "a",
    version: "null",
    modified: "2026-11-29T01:02:03.004Z",
    size: 3,
    etag: "e",
    latest: true,
    marker: false,
  },
  tags: {},
};
const AS_LISTED = { ContentLength: 3, LastModified: new Date("2026-11-29T01:02:03Z"), ETag: "e" };

/** Stores what is listed where the source answers `head` then. @returns the keys that were copied to */
async function stored(listed: Listed, head: object): Promise<readonly [copies: number, recorded: boolean]> {
  let copies = 0;
  const send = async (command: unknown) => {
    if (command instanceof HeadObjectCommand) return head;
    if (command instanceof CopyObjectCommand) copies += 1;
    return { VersionId: "stored" };
  };
  const server = { s3: { send }, signal: new AbortController().signal } as unknown as Connection;
  const store: Store = {
    ...{ source: server, target: server, bucket: "data", into: { bucket: "backups", prefix: "" }, mayHold: false },
    ...{ lock: { mode: "COMPLIANCE", keepDays: 1 }, now: new Date("2026-11-30T02:00:00Z") },
  };
  const found = await storeVersion(store, listed);
  return [copies, found !== null];
}

test("an object without versions that was written over since it was listed is not stored as what was listed", async () => {
  expect(await stored(LISTED, AS_LISTED)).toEqual([1, true]);
  expect(await stored(LISTED, { ...AS_LISTED, ContentLength: 4 })).toEqual([0, false]);
  const later = { ...AS_LISTED, LastModified: new Date("2026-11-29T01:02:04Z") };
  expect(await stored(LISTED, later)).toEqual([0, false]);
  expect(await stored({ ...LISTED, version: "v1" }, AS_LISTED)).toEqual([1, true]);
});
