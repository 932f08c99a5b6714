import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { failure, Plugin } from "../support/plugin.ts";

let plugin: Plugin;

afterEach(async () => {
  await plugin.stop();
});

describe("a server that isn't MinIO", () => {
  let other: Server;
  let answers: (path: string) => [status: number, body: string];

  beforeAll(async () => {
    other = createServer((request, response) => {
      const [status, body] = answers(request.url ?? "");
      response.writeHead(status, { "content-type": "application/xml" }).end(body);
    }).listen(0, "127.0.0.1");
    await once(other, "listening");
  });

  afterAll(() => other.close());

  const LIST = "<ListAllMyBucketsResult><Buckets></Buckets></ListAllMyBucketsResult>";
  const busy = "<Error><Code>SlowDown</Code><Message>reduce your rate</Message></Error>";

  async function talking(after: [number, string]): Promise<Plugin> {
    const address = other.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    answers = (path) => (/^\/(\?|$)/.test(path) ? [200, LIST] : after);
    plugin = await Plugin.start();
    await plugin.configure({ endpoint: `127.0.0.1:${address.port}`, rootUser: "anybody", rootPassword: "any-secret" });
    return plugin;
  }

  test.each<[string, number, string, RegExp]>([
    ["503 for ever is said to be busy", 503, busy, /too busy or not ready \(503\)/],
    ["404 without a body is not an absent bucket", 404, "", /answered 404, not as MinIO would/],
    ["404 with a web page is not an absent bucket", 404, "<html><body>not found</body></html>", /not as MinIO would/],
    ["200 with a web page is not a bucket", 200, "<html><body>hello", /can't be read/],
  ])("%s", async (_, status, body, words) => {
    const provider = await talking([status, body]);
    expect((await failure(provider.read("some-bucket"))).message).toMatch(words);
  });
});
