import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { connect } from "../../provider/server/connection.ts";
import { removeServiceAccount } from "../../provider/server/identities.ts";
import { endSessions } from "../../provider/server/sessions.ts";

let server: Server | undefined;

afterEach(() => server?.close());

async function answering(status: number, Code: string) {
  server = createServer((_, response) => {
    response.writeHead(status).end(JSON.stringify({ Code, Message: "m" }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const key = { accessKey: "user", secretKey: "password" };
  const config = { endpoint: `127.0.0.1:${port}`, secure: false, region: "us-east-1", ...key };
  return connect(config, new AbortController().signal);
}

test.for([
  [426, "XMinioAdminVersionMismatch"],
  [405, "MethodNotAllowed"],
  [501, "NotImplemented"],
] as const)("a server that answers %i to the call has none that ends sessions", async ([status, code]) => {
  expect(await endSessions(await answering(status, code), "ada")).toBe(false);
});

test.for([
  [404, "XMinioAdminNoSuchUser"],
  [403, "AccessDenied"],
] as const)("%i %s is a fault, not a server without the call", async ([status, code]) => {
  await expect(endSessions(await answering(status, code), "ada")).rejects.toThrow(
    expect.objectContaining({ name: code }),
  );
});

test("a service account that is gone counts as ended, and one that may not be ended doesn't", async () => {
  await removeServiceAccount(await answering(404, "XMinioAdminServiceAccountNotFound"), "KEY");
  server?.close();
  const refused = removeServiceAccount(await answering(403, "AccessDenied"), "KEY");
  await expect(refused).rejects.toThrow(expect.objectContaining({ name: "AccessDenied" }));
});
