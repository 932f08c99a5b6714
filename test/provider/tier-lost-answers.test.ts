import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { connect } from "../../provider/server/connection.ts";
import { create, remove, TierUncertain, update } from "../../provider/tier/tier.ts";
import type { TierInputs } from "../../provider/tier/types.ts";

const TIER: TierInputs = {
  name: "GLACIER",
  type: "minio",
  endpoint: "http://127.0.0.1:1",
  bucket: "archive",
  accessKey: "a-key",
  secretKey: "a-secret",
  onDelete: "delete_if_empty",
};

let server: Server;
afterEach(() => server.close());

/** A server that lists tiers, and ends each connection on which it should write one. */
async function losing(tiers: readonly object[]) {
  server = createServer((request, response) => {
    if (request.method === "GET") response.setHeader("content-type", "application/json").end(JSON.stringify(tiers));
    else request.socket.destroy();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const endpoint = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = { endpoint, secure: false, region: "us-east-1", accessKey: "a", secretKey: "b" };
  return connect(config, new AbortController().signal);
}

const failure = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => new Error("nothing was refused"),
    (error: Error) => error,
  );

test("where no answer says whether a write was carried out, nobody says that nothing was changed", async () => {
  const none = await losing([]);
  const made = await failure(create(none, TIER));
  expect(made).toBeInstanceOf(TierUncertain);
  server.close();
  const { name: Name, endpoint: Endpoint, bucket: Bucket, accessKey: AccessKey } = TIER;
  const one = await losing([{ Name, Type: "minio", MinIO: { Endpoint, Bucket, AccessKey } }]);
  const faults = [
    made,
    await failure(update(one, { ...TIER, secretKey: "another" }, TIER)),
    await failure(remove(one, TIER)),
  ];
  for (const { message } of faults) {
    expect(message).toMatch(
      /^(tier GLACIER|the key of tier GLACIER) (can't be made|can't be set|isn't removed): MinIO at .* gave no answer/,
    );
    expect(message).toMatch(/; it may have been carried out all the same: run up again$/);
  }
});
