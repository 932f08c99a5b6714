import { expect, test } from "vitest";
import { requestLine } from "../../../cli/logs/server-request.ts";

/** As MinIO of 2026-02-12 tells it, shortened. */
const told = {
  version: "1",
  deploymentid: "d",
  time: "2026-11-30T10:00:00.5Z",
  event: "",
  trigger: "incoming",
  api: {
    name: "GetObject",
    bucket: "shop-orders",
    object: "raw/a.csv",
    status: "OK",
    statusCode: 200,
    rx: 0,
    tx: 12,
    timeToResponseInNS: "2600000",
  },
  remotehost: "127.0.0.1",
  requestID: "18A",
  userAgent: "mc",
  requestPath: "/shop-orders/raw/a.csv",
  requestQuery: { versionId: "v1", "X-Amz-Signature": "canary-signature", "X-Amz-Credential": "canary-credential" },
  requestHeader: { Authorization: "canary-authorization", "X-Amz-Security-Token": "canary-token" },
  requestClaims: { sub: "canary-claim" },
  responseHeader: { "X-Other": "canary-header" },
  tags: { tag: "canary-tag" },
  accessKey: "shop-reader",
  parentUser: "shop",
};
const line = (more: object = {}, api: object = {}) =>
  requestLine(JSON.stringify({ ...told, ...more, api: { ...told.api, ...api } }));

test("a request is a line of who, what, where and how it ended, without headers, signatures, claims or tags", () => {
  expect(line()).toEqual({
    time: "2026-11-30T10:00:00.5Z",
    level: "info",
    message: "GetObject shop-orders/raw/a.csv 200",
    service: "minio-requests",
    correlation_id: "18A",
    actor: "shop-reader",
    user: "shop",
    api: "GetObject",
    bucket: "shop-orders",
    object: "raw/a.csv",
    status: 200,
    version_id: "v1",
    from: "127.0.0.1",
    client: "mc",
    bytes_in: 0,
    bytes_out: 12,
    milliseconds: 3,
  });
});

test("a refusal is a warning, a fault of the server an error, and what isn't there everyday", () => {
  const levels = [200, 403, 401, 404, 503].map((statusCode) => line({}, { statusCode })?.level);
  expect(levels).toEqual(["info", "warning", "warning", "info", "error"]);
});

test("who has no key is anonymous, and what the server does by itself is its own", () => {
  expect(line({ accessKey: undefined })?.actor).toBe("anonymous");
  expect(line({ accessKey: "", trigger: "ilm" })?.actor).toBe("server");
});

test("a request to administer the server says whom it is about", () => {
  const requestQuery = { accessKey: "new-user", password: "canary" };
  const api = { name: "AddUser", bucket: "", object: "" };
  expect(line({ requestPath: "/minio/admin/v3/add-user", requestQuery }, api)).toMatchObject({
    message: "AddUser /minio/admin/v3/add-user 200",
    about: "new-user",
  });
});

test("what is no request of the server's is none", () => {
  for (const text of ["", "no JSON", "[]", "null", "{}", '{"api":{"statusCode":"200"}}'])
    expect(requestLine(text)).toBeUndefined();
});
