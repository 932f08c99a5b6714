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
    mayHide: false,
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

test("what a delete marker of the target's rules hides is found where no manifest tells of it, and isn't stored again", async () => {
  const until = new Date("2026-12-30T00:00:00Z");
  const copies: unknown[] = [];
  const send = async (command: unknown) => {
    if (command instanceof CopyObjectCommand) copies.push(command);
    if (!(command instanceof HeadObjectCommand)) return { VersionId: "copied" };
    const { Bucket, VersionId } = command.input;
    if (Bucket === "data") return AS_LISTED;
    if (VersionId === "below") return { VersionId, ContentLength: 3, ObjectLockRetainUntilDate: until };
    throw Object.assign(new Error("not found"), { name: "NotFound" });
  };
  const listing = (key: string) => `<ListVersionsResult><IsTruncated>false</IsTruncated>
    <DeleteMarker><Key>${key}</Key><LastModified>2026-11-30T00:00:00Z</LastModified><VersionId>m</VersionId></DeleteMarker>
    <Version><Key>${key}</Key><LastModified>2026-11-29T00:00:00Z</LastModified><Size>3</Size><VersionId>below</VersionId></Version>
    </ListVersionsResult>`;
  const handle = async ({ query }: { query: Record<string, string> }) => ({
    response: { statusCode: 200, body: [Buffer.from(listing(query.prefix ?? ""))] },
  });
  const config = { endpoint: "127.0.0.1:9", secure: false, region: "us-east-1", accessKey: "k", secretKey: "s" };
  const about = { url: "http://127.0.0.1:9", config, http: { handle }, signal: new AbortController().signal };
  const server = { s3: { send }, ...about } as unknown as Connection;
  const store: Store = {
    ...{ source: server, target: server, bucket: "data", into: { bucket: "backups", prefix: "" }, mayHold: true },
    ...{ lock: { mode: "COMPLIANCE", keepDays: 1 }, now: new Date("2026-11-30T02:00:00Z"), mayHide: true },
  };
  const found = await storeVersion(store, { ...LISTED, version: "v1" });
  expect(found).toMatchObject({ added: false, entry: { stored: { version: "below", until: until.toISOString() } } });
  expect(copies).toEqual([]);
  expect(await storeVersion({ ...store, mayHide: false }, { ...LISTED, version: "v1" })).toMatchObject({ added: true });
});
