import { expect, test } from "vitest";
import type { VersionEntry } from "../../../backup/manifest/schema.ts";
import { isAsListed } from "../../../backup/restore/same.ts";
import type { Listed } from "../../../backup/run/listing.ts";

const DIGEST = "9dd4e461268c8034f5c8564e155c67a6";
const of = { key: "a", version: "v1", modified: "2026-11-29T01:02:03.004Z", size: 1, etag: DIGEST, latest: true };
const metadata = { "content-type": "text/csv", "x-amz-meta-owner": "Ann" };
const tags = { kind: "raw" };
const entry: VersionEntry = { ...of, metadata, tags };
const listed: Listed = { ...of, version: "v2", marker: false, metadata, tags };

test("a listing proves an object of the same size, digest, metadata and tags", () => {
  expect(isAsListed(entry, listed)).toBe(true);
  const { metadata: _, tags: __, ...plain } = entry;
  expect(isAsListed(plain, { ...listed, metadata: {}, tags: {} })).toBe(true);
});

test.each([
  ["another size", { size: 2 }],
  ["another digest", { etag: DIGEST.replace("9", "8") }],
  ["an ETag of parts", { etag: `${DIGEST}-2` }],
  ["other metadata", { metadata: { ...metadata, "cache-control": "no-store" } }],
  ["less metadata", { metadata: { "content-type": "text/csv" } }],
  ["other tags", { tags: { kind: "gold" } }],
  ["no tags", { tags: {} }],
  ["metadata that the server's listing doesn't tell", { metadata: undefined, tags: undefined }],
] as const)("it doesn't prove one with %s: that is asked for", (_, other) => {
  expect(isAsListed(entry, { ...listed, ...other })).toBe(false);
});

test("it doesn't prove an object whose ETag is no digest, nor one that has expires, which no listing tells", () => {
  const parts = `${DIGEST}-2`;
  expect(isAsListed({ ...entry, etag: parts }, { ...listed, etag: parts })).toBe(false);
  const expires = { ...metadata, expires: "Tue, 01 Jan 2030 00:00:00 GMT" };
  expect(isAsListed({ ...entry, metadata: expires }, listed)).toBe(false);
  expect(isAsListed(entry, undefined)).toBe(false);
});
