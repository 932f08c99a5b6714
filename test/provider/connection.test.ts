import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { connect } from "../../provider/server/connection.ts";

const ANSWER =
  '<?xml version="1.0"?><ListAllMyBucketsResult><Owner><ID>o</ID></Owner><Buckets></Buckets></ListAllMyBucketsResult>';

test("requests one after another share a connection that is kept (U-099)", async () => {
  let connections = 0;
  let requests = 0;
  const server = createServer((_, response) => {
    requests++;
    response.setHeader("Content-Type", "application/xml").end(ANSWER);
  });
  server.on("connection", () => connections++);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const endpoint = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = { endpoint, secure: false, region: "us-east-1", accessKey: "a", secretKey: "b" };
  const { s3, http } = connect(config, new AbortController().signal);
  for (let count = 0; count < 5; count++) await s3.send(new ListBucketsCommand({}));
  expect({ requests, connections }).toEqual({ requests: 5, connections: 1 });
  http.destroy();
  server.close();
  await once(server, "close");
});
