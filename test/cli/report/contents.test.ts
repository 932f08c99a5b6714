import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readContents } from "../../../cli/report/contents.ts";
import type { ResolvedModel } from "../../../config/model.ts";
import { aBucket } from "../../support/a-bucket.ts";

const ALL = "<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>";
const DENIED = "<Error><Code>AccessDenied</Code></Error>";
const objects = (count: number, more: boolean) =>
  `<ListBucketResult>${"<Contents><Key>k</Key><Size>5</Size></Contents>".repeat(count)}<IsTruncated>${more}</IsTruncated></ListBucketResult>`;

/** Lists buckets whose name begins with "open": they hold more than anybody asks for. */
let server: Server;

beforeAll(async () => {
  server = createServer(({ url = "" }, response) => {
    const asked = Number(/max-keys=(\d+)/.exec(url)?.[1] ?? 0);
    if (url === "/") response.end(ALL);
    else if (url.startsWith("/open")) response.end(objects(asked, true));
    else response.writeHead(403).end(DENIED);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => {
  server.close();
});

function contentsOf(names: readonly string[], maxObjects: number) {
  const buckets = names.map((name) => aBucket({ name, versioning: false }));
  const endpoint = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const key = { accessKey: "someone", secretKey: "12345678" };
  const address = { endpoint, secure: false, region: "us-east-1", caFile: undefined, ...key };
  const options = { listing: true, maxObjects, now: new Date(), without: new Set<string>() };
  return readContents({ platforms: [{ buckets }] } as unknown as ResolvedModel, address, options);
}

test("buckets that may not be listed take nothing from the limit of the others, and are told in one line", async () => {
  const closed = Array.from({ length: 30 }, (_, index) => `closed-${index}`);
  const { contents, notLooked } = await contentsOf([...closed, "open"], 5);
  expect(contents.get("open")?.listed).toEqual({ objects: 5, complete: false });
  expect(notLooked.filter(({ reason }) => reason.includes("s3:ListBucket"))).toEqual([
    {
      what: "contents of closed-0, closed-1, closed-2, closed-3, closed-4 and 25 more",
      reason: expect.stringContaining("may not list objects (AccessDenied)"),
    },
  ]);
  expect(notLooked.map(({ what }) => what)).not.toContain("contents");
});

test("what is left out after the limit of all buckets is told", async () => {
  const { contents, notLooked } = await contentsOf(
    Array.from({ length: 22 }, (_, index) => `open-${index}`),
    5,
  );
  expect([...contents.values()].filter(({ listed }) => listed !== null)).toHaveLength(20);
  const reason = "2 buckets not listed after 100 objects of others; --max-objects raises that";
  expect(notLooked).toContainEqual({ what: "contents", reason });
});
