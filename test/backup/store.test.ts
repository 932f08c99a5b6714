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
const AS_LISTED = { "content-length": "3", "last-modified": "Sun, 29 Nov 2026 01:02:03 GMT", etag: '"e"' };

interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, string>;
}

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text?: string;
}

/** A server that answers as it is told. */
function serverThat(answer: (request: Request) => Answer): Connection {
  const handle = async (request: Request) => {
    const { status = 200, headers = {}, text = "" } = answer(request);
    return { response: { statusCode: status, headers, body: [Buffer.from(text)] } };
  };
  const config = { endpoint: "127.0.0.1:9", secure: false, region: "us-east-1", accessKey: "k", secretKey: "s" };
  const about = { url: "http://127.0.0.1:9", config, signal: new AbortController().signal };
  return { ...about, http: { handle } } as unknown as Connection;
}

function storeOn(server: Connection, mayHold: boolean, mayHide: boolean): Store {
  return {
    ...{ source: server, target: server, bucket: "data", into: { bucket: "backups", prefix: "" } },
    ...{ mayHold: async () => mayHold, mayHide },
    ...{ lock: { mode: "COMPLIANCE", keepDays: 1 }, now: new Date("2026-11-30T02:00:00Z") },
  };
}

/** Stores what is listed where the source answers with these headers then. @returns how many were copied, and whether it is recorded */
async function stored(listed: Listed, head: Record<string, string>): Promise<readonly [number, boolean]> {
  let copies = 0;
  const server = serverThat(({ method }) => {
    if (method === "HEAD") return { headers: head };
    copies += 1;
    return { headers: { "x-amz-version-id": "stored" } };
  });
  const found = await storeVersion(storeOn(server, false, false), listed);
  return [copies, found !== null];
}

test("an object without versions that was written over since it was listed is not stored as what was listed", async () => {
  expect(await stored(LISTED, AS_LISTED)).toEqual([1, true]);
  expect(await stored(LISTED, { ...AS_LISTED, "content-length": "4" })).toEqual([0, false]);
  const later = { ...AS_LISTED, "last-modified": "Sun, 29 Nov 2026 01:02:04 GMT" };
  expect(await stored(LISTED, later)).toEqual([0, false]);
  expect(await stored({ ...LISTED, version: "v1" }, AS_LISTED)).toEqual([1, true]);
});

test("what a delete marker of the target's rules hides is found where no manifest tells of it, and isn't stored again", async () => {
  const until = "2026-12-30T00:00:00.000Z";
  const copies: Request[] = [];
  const listing = (key: string) => `<ListVersionsResult><IsTruncated>false</IsTruncated>
    <DeleteMarker><Key>${key}</Key><LastModified>2026-11-30T00:00:00Z</LastModified><VersionId>m</VersionId></DeleteMarker>
    <Version><Key>${key}</Key><LastModified>2026-11-29T00:00:00Z</LastModified><Size>3</Size><VersionId>below</VersionId></Version>
    </ListVersionsResult>`;
  const server = serverThat((request) => {
    const { method, path, query } = request;
    if (method === "GET") return { text: listing(query.prefix ?? "") };
    if (method === "PUT") {
      copies.push(request);
      return { headers: { "x-amz-version-id": "copied" } };
    }
    if (path.startsWith("/data/")) return { headers: AS_LISTED };
    if (query.versionId !== "below") return { status: 404 };
    const lock = { "x-amz-version-id": "below", "x-amz-object-lock-retain-until-date": until };
    return { headers: { ...lock, "content-length": "3" } };
  });
  const found = await storeVersion(storeOn(server, true, true), { ...LISTED, version: "v1" });
  expect(found).toMatchObject({ added: false, entry: { stored: { version: "below", until } } });
  expect(copies).toEqual([]);
  expect(await storeVersion(storeOn(server, true, false), { ...LISTED, version: "v1" })).toMatchObject({ added: true });
});
