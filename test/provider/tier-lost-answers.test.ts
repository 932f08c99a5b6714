import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import { afterEach, expect, test } from "vitest";
import { InitFailed } from "../../provider/init-failed.ts";
import { fromStruct, toStruct } from "../../provider/property-bags.ts";
import { connect } from "../../provider/server/connection.ts";
import { checkTier } from "../../provider/tier/check.ts";
import { TierService } from "../../provider/tier/service.ts";
import { create, remove, TierUncertain, update } from "../../provider/tier/tier.ts";
import type { TierInputs } from "../../provider/tier/types.ts";
import { failure } from "../support/failure.ts";

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

/** A server that lists tiers, and ends each connection on which it should write one, unless it writes. */
async function losing(tiers: readonly object[], writes = false) {
  server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    if (request.method === "GET") response.end(JSON.stringify(tiers));
    else if (writes) response.end();
    else request.socket.destroy();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const endpoint = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = { endpoint, secure: false, region: "us-east-1", accessKey: "a", secretKey: "b" };
  return connect(config, new AbortController().signal);
}

/** As MinIO lists it. */
const toldOf = ({ name: Name, endpoint: Endpoint, bucket: Bucket, accessKey: AccessKey }: TierInputs) => ({
  Name,
  Type: "minio",
  MinIO: { Endpoint, Bucket, AccessKey },
});

test("where no answer says whether a write was carried out, nobody says that nothing was changed", async () => {
  const none = await losing([]);
  const made = await failure(create(none, TIER));
  expect(made).toBeInstanceOf(TierUncertain);
  server.close();
  const one = await losing([toldOf(TIER)]);
  const faults = [
    made,
    await failure(update(one, { ...TIER, secretKey: "another" }, TIER)),
    await failure(remove(one, TIER)),
  ];
  for (const { message } of faults) {
    expect(message).toMatch(
      /^(tier GLACIER|the key of tier GLACIER) (can't be made|can't be set|isn't removed): MinIO at .* gave no answer/,
    );
    expect(message).toMatch(/; the server may have carried it out: run up again$/);
  }
});

test("a tier whose creation had no answer may be led elsewhere, where its settings were wrong, and be taken out", async () => {
  const none = await losing([]);
  const request = new provider.CreateRequest();
  request.setProperties(toStruct(TIER, new Set()));
  const fault = await failure(new TierService(() => none, undefined).create(request));
  server.close();
  if (!(fault instanceof InitFailed)) throw fault;
  const kept = fromStruct(fault.detail.getInputs() ?? toStruct({}, new Set()));
  expect(kept.values).toMatchObject({ name: "GLACIER", onDelete: "delete_if_empty", secretKey: "a-secret" });
  const right = { ...TIER, endpoint: "http://127.0.0.1:2" };
  expect(checkTier(fromStruct(toStruct(right, new Set())), kept).failures).toEqual([]);
  const made = await losing([toldOf(TIER)], true);
  expect((await failure(update(made, right, kept.values))).message).toMatch(
    /leads to .*:1\/archive, not to .*:2\/archive/,
  );
  expect(await remove(made, kept.values as unknown as TierInputs)).toBe(true);
});
