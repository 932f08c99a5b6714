import { expect, test } from "vitest";
import { firstManifests } from "../../../backup/target/manifests.ts";
import type { Connection } from "../../../provider/server/connection.ts";

const PREFIX = "daily/manifests/data/";
const MODIFIED = "<LastModified>2026-11-30T02:00:01.000Z</LastModified>";
const version = (name: string, id: string) =>
  `<Version><Key>${PREFIX}${name}</Key>${MODIFIED}<Size>9</Size><VersionId>${id}</VersionId></Version>`;
const marker = (name: string, id: string) =>
  `<DeleteMarker><Key>${PREFIX}${name}</Key>${MODIFIED}<VersionId>${id}</VersionId></DeleteMarker>`;

/** A server that lists these, whatever it is asked. */
function listing(...entries: readonly string[]): Connection {
  const body = Buffer.from(
    `<ListVersionsResult><IsTruncated>false</IsTruncated>${entries.join("")}</ListVersionsResult>`,
  );
  const http = {
    handle: async () => ({
      response: {
        statusCode: 200,
        body: (async function* () {
          yield body;
        })(),
      },
    }),
  };
  const config = { endpoint: "127.0.0.1:9", secure: false, region: "us-east-1", accessKey: "k", secretKey: "s" };
  return { url: "http://127.0.0.1:9", config, http, signal: new AbortController().signal } as unknown as Connection;
}

test("manifests are found as they were written first, also below what somebody put over them, and a delete marker", async () => {
  const [one, two, three, four] = [1, 2, 3, 4].map((day) => `2026110${day}T020000Z.ndjson.gz`) as [
    string,
    string,
    string,
    string,
  ];
  const server = listing(
    version(one, "first"),
    ...[version(two, "forged"), version(two, "first")],
    ...[marker(three, "gone"), version(three, "first")],
    marker(four, "alone"),
    version("notes.txt", "first"),
  );
  const found = await firstManifests({ server, target: "backups", prefix: "daily/", bucket: "data" });
  expect(found.map(({ name, version: id, overwritten, hidden }) => [name, id, overwritten, hidden])).toEqual([
    [one, "first", false, false],
    [two, "first", true, false],
    [three, "first", true, true],
  ]);
  expect(found[0]?.instant).toEqual(new Date("2026-11-01T02:00:00Z"));
});
