import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import { afterEach, expect, test } from "vitest";
import { InitFailed } from "../../provider/init-failed.ts";
import { fromStruct, toStruct } from "../../provider/property-bags.ts";
import { converge, ReplicationPartial, remove } from "../../provider/replication/replication.ts";
import { ReplicationService } from "../../provider/replication/service.ts";
import type { ReplicationInputs } from "../../provider/replication/types.ts";
import { connect } from "../../provider/server/connection.ts";
import { failure } from "../support/failure.ts";

const PLACE = "http://127.0.0.1:1";
const KEYS = { [PLACE]: { accessKey: "a-key", secretKey: "a-secret" } };
const RULE = { ID: "standby-1", priority: 1, enabled: true, endpoint: PLACE, bucket: "copy" };
const INPUTS: ReplicationInputs = {
  bucket: "orders",
  rules: [{ ...RULE, deleteMarkers: false, deleteVersions: false, existingObjects: true }],
  keys: KEYS,
  onDelete: "delete_if_empty",
};
/** As MinIO lists it. */
const TARGET = { arn: "arn:1", endpoint: "127.0.0.1:1", secure: false, targetbucket: "copy" };

let server: Server;
afterEach(() => server.close());

/** A server that tells its targets and has no rules, and ends each connection on which it should write. */
async function losing(targets: readonly object[]) {
  server = createServer((request, response) => {
    if (request.method !== "GET") request.socket.destroy();
    else if (request.url?.includes("list-remote-targets")) response.end(JSON.stringify(targets));
    else {
      response.statusCode = 404;
      response.end("<Error><Code>ReplicationConfigurationNotFoundError</Code><Message>none</Message></Error>");
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const endpoint = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = { endpoint, secure: false, region: "us-east-1", accessKey: "a", secretKey: "b" };
  return connect(config, new AbortController().signal);
}

test("where no answer says whether a write was carried out, nobody says that nothing was changed", async () => {
  const made = await failure(converge(await losing([]), INPUTS));
  expect(made).toBeInstanceOf(ReplicationPartial);
  server.close();
  const there = await losing([{ ...TARGET, credentials: { accessKey: "a-key" } }]);
  const faults = [made, await failure(converge(there, INPUTS, { keys: KEYS })), await failure(remove(there, INPUTS))];
  for (const { message } of faults) {
    expect(message).toMatch(/; the server may have carried it out: run up again$/);
    expect(message).not.toMatch(/a-key|a-secret/);
  }
});

test("what a creation without an answer may have made is known to the state as ours, its keys as secrets", async () => {
  const connection = await losing([]);
  const service = new ReplicationService({ server: () => connection, declares: () => true }, undefined);
  const request = new provider.CreateRequest();
  request.setProperties(toStruct(INPUTS, new Set(["keys"])));
  const fault = await failure(service.create(request));
  if (!(fault instanceof InitFailed)) throw fault;
  const kept = fromStruct(fault.detail.getProperties() ?? toStruct({}, new Set()));
  expect(kept.values).toMatchObject({ bucket: "orders", rules: [], keys: KEYS });
  expect([...kept.secrets]).toEqual(["keys"]);
});

test("rules are not removed while the bucket has a target that isn't ours: the server would remove it, too", async () => {
  const connection = await losing([{ ...TARGET, endpoint: "theirs:9000" }]);
  expect((await failure(remove(connection, INPUTS))).message).toMatch(
    /isn't removed: it has a target http:\/\/theirs:9000\/copy that isn't this stack's.*; nothing was changed$/,
  );
});
