import { expect, test } from "vitest";
import { type ListedVersion, listObjects } from "../../live/read-objects.ts";
import type { Reader } from "../../live/reader.ts";
import type { Answer, Request } from "../../live/request.ts";

const version = (key: string, second: number, isLatest: boolean, kind = "Version") =>
  `<${kind}><Key>${key}</Key><LastModified>2026-11-30T10:00:${String(second).padStart(2, "0")}.000Z</LastModified><Size>${kind === "Version" ? 5 : 0}</Size><IsLatest>${isLatest}</IsLatest></${kind}>`;
const page = (entries: string, next = "") =>
  `<ListVersionsResult>${entries}<IsTruncated>${next !== ""}</IsTruncated>${next}</ListVersionsResult>`;
const DENIED = { status: 403, body: "<Error><Code>AccessDenied</Code></Error>" };

/** A server that answers one after the other, and what it was asked. */
function answering(...answers: readonly (Answer | string)[]) {
  const asked: Request[] = [];
  const send = async (request: Request): Promise<Answer> => {
    asked.push(request);
    const answer = answers[asked.length - 1];
    if (answer === undefined) throw new Error("nobody expects another question");
    return typeof answer === "string" ? { status: 200, body: answer } : answer;
  };
  return {
    asked,
    reader: { client: { send, server: { endpoint: "server:9000", secure: false } } } as unknown as Reader,
  };
}

async function listed(reader: Reader, limit = 10) {
  const entries: ListedVersion[] = [];
  const listing = await listObjects(reader, {
    ...{ bucket: "b", versions: true, limit },
    onEntry: (entry) => entries.push(entry),
  });
  return { listing, entries: entries.map(({ key, isMarker, supersededAt }) => [key, isMarker, seconds(supersededAt)]) };
}

function seconds(time: number | null): number | null {
  return time === null ? null : new Date(time).getUTCSeconds();
}

test("a former version knows when another, or a mark of deletion, took its place, on another page too", async () => {
  const next = "<NextKeyMarker>b</NextKeyMarker><NextVersionIdMarker>v1</NextVersionIdMarker>";
  const first = page(version("a", 1, false) + version("b", 5, true) + version("a", 9, true, "DeleteMarker"), next);
  const { reader, asked } = answering(first, page(version("b", 3, false)));
  const { entries, listing } = await listed(reader);
  expect(entries).toEqual([
    ["a", true, null],
    ["a", false, 9],
    ["b", false, null],
    ["b", false, 5],
  ]);
  expect(listing).toEqual({ entries: 4, complete: true, versions: true });
  expect(asked[1]?.query).toMatchObject({ "key-marker": "b", "version-id-marker": "v1" });
});

test("keys are read as they are, whatever they hold", async () => {
  const { reader } = answering(page(version("a+b%2Bc%01%3Cx%3E", 1, true) + version("100%", 2, true)));
  expect((await listed(reader)).entries.map(([key]) => key)).toEqual(["a b+c\u0001<x>", "100%"]);
});

test("who may not list former versions gets the current ones", async () => {
  const current = "<ListBucketResult><Contents><Key>a</Key><Size>5</Size></Contents></ListBucketResult>";
  const { reader, asked } = answering(DENIED, current);
  const { listing } = await listed(reader);
  expect(listing).toEqual({ entries: 1, complete: true, versions: false });
  expect(asked[1]?.query).toMatchObject({ "list-type": "2" });
});

test("who may list nothing is told which right it takes", async () => {
  const { reader } = answering(DENIED, DENIED);
  await expect(listed(reader)).rejects.toThrow(/may not list objects of b \(AccessDenied\), which needs s3:ListBucket/);
});

test("a listing ends at its limit, and asks for no more than that", async () => {
  const { reader, asked } = answering(
    page(version("a", 1, true) + version("b", 1, true), "<NextKeyMarker>b</NextKeyMarker>"),
  );
  expect((await listed(reader, 2)).listing).toEqual({ entries: 2, complete: false, versions: true });
  expect(asked.map(({ query }) => query?.["max-keys"])).toEqual(["2"]);
});
