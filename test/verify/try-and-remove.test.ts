import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LiveClient } from "../../live/client.ts";
import { deleteKey } from "../../verify/try-and-remove.ts";

/** As AWS does and MinIO doesn't: each deletion of a key makes a delete marker, also where no object has the key. */
let server: Server;
let client: LiveClient;
let markers: { key: string; id: string }[];
/** What becomes of the nth deletion's answer, from 1 on. */
let fate: (nth: number) => "lost" | 503 | 204;
let mayList: boolean;

beforeEach(async () => {
  let deletions = 0;
  markers = [{ key: "a-key-of-another", id: "another" }];
  mayList = true;
  server = createServer(({ method, url = "", socket }, response) => {
    const { pathname, searchParams } = new URL(url, "http://server");
    const id = searchParams.get("versionId");
    if (method === "GET") {
      const list = markers.map(
        (one) => `<DeleteMarker><Key>${one.key}</Key><VersionId>${one.id}</VersionId></DeleteMarker>`,
      );
      if (mayList) response.end(`<ListVersionsResult>${list.join("")}</ListVersionsResult>`);
      else response.writeHead(403).end("<Error><Code>AccessDenied</Code></Error>");
    } else if (id !== null) {
      markers = markers.filter((one) => one.id !== id);
      response.writeHead(204).end();
    } else {
      const made = `v${++deletions}`;
      markers.push({ key: pathname.replace("/bucket/", ""), id: made });
      const becomes = fate(deletions);
      if (becomes === "lost") socket.destroy();
      else response.writeHead(becomes, { "x-amz-version-id": made }).end();
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = new LiveClient({ endpoint, secure: false, region: "us-east-1", accessKey: "a", secretKey: "b" });
});

afterEach(() => {
  client.close();
  server.close();
});

function deleted() {
  return deleteKey({ asker: client, cleaner: client, bucketName: "bucket", objectName: "a-key" });
}

test.each<[string, typeof fate]>([
  ["is answered", () => 204],
  ["is sent again after a lost answer", (nth) => (nth === 1 ? "lost" : 204)],
  ["is sent again after 503", (nth) => (nth < 3 ? 503 : 204)],
  ["is answered 503 to the end", () => 503],
  ["is never answered", () => "lost"],
])("no delete marker of a try stays, and no other goes, where the deletion %s", async (_, given) => {
  fate = given;
  await deleted().catch((error: Error) => expect(error.message).toMatch(/connection broken off/));
  expect(markers).toEqual([{ key: "a-key-of-another", id: "another" }]);
});

test("where what a try left can't be looked for, its place is named", async () => {
  fate = () => "lost";
  mayList = false;
  await expect(deleted()).rejects.toThrow(/^a delete marker may be left at bucket\/a-key; remove it \(.*AccessDenied/);
});
