import { expect, test } from "vitest";
import { shipperSettings } from "../../builders/services/logs.ts";

const key = {
  endpoint: "https://s3.example.org:9000",
  region: "r",
  accessKey: "a",
  secretKey: "s",
  caFile: "/x/ca.pem",
};
const known = {
  platforms: ["shop"],
  store: "127.0.0.1:9429",
  address: "127.0.0.1:9430",
  audit: { bucket: "trail", serviceAccount: "writer" },
  takesRequests: false,
};
const login = { bucket: "trail", region: "r", accessKey: "a", secretKey: "s" };

test("audit lines go to the server that the key is for, also where a stack names its own", () => {
  const named = shipperSettings({ ...known, key, minio: undefined }).audit;
  expect(named).toEqual({ ...login, endpoint: "s3.example.org:9000", secure: true, caFile: "/x/ca.pem" });
});

test("audit lines go to the local server where it runs now, and wait while nobody has a key", () => {
  const local = { ...key, endpoint: "http://127.0.0.1:9000", caFile: undefined };
  const there = shipperSettings({ ...known, key: local, minio: "127.0.0.1:9100" }).audit;
  expect(there).toEqual({ ...login, endpoint: "127.0.0.1:9100", secure: false });
  expect(shipperSettings({ ...known, key: undefined, minio: "127.0.0.1:9100" }).audit).toBeNull();
  expect(shipperSettings({ ...known, audit: null, key, minio: undefined }).audit).toBeNull();
});

test("the shipper is told of the log of requests by files alone, and of none where nobody asks", () => {
  expect(shipperSettings({ ...known, key, minio: undefined }).requests).toBeNull();
  expect(shipperSettings({ ...known, key, minio: undefined, takesRequests: true }).requests).toEqual({
    tokenFile: ".bucketworks/services/log_shipper/requests-token",
    log: ".bucketworks/logs/minio-requests.log",
  });
});
