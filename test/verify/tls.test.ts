import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ServerAddress } from "../../live/server-address.ts";
import { verifyStage } from "../../verify/buckets.ts";
import { TestServer } from "../support/minio.ts";
import { addressOf, make, SpecFile } from "../support/verified.ts";

const SPEC = "bucket_groups: {trial: {buckets: [{name: first-bucket, tags: {owner: a}}]}}";

let server: TestServer;
let spec: SpecFile;
let front: Server;
const dir = mkdtempSync(join(tmpdir(), "bucketworks-tls-"));
const certificate = join(dir, "cert.pem");

/** MinIO behind a TLS end with a certificate of its own. */
beforeAll(async () => {
  const key = join(dir, "key.pem");
  const subject = ["-subj", "/CN=trial", "-addext", "subjectAltName=IP:127.0.0.1"];
  const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  await promisify(execFile)("openssl", [...made, ...subject, "-keyout", key, "-out", certificate]);
  server = await TestServer.start();
  spec = new SpecFile(SPEC);
  await make(spec.model(), server);
  const port = Number(server.endpoint.split(":")[1]);
  front = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (socket) => {
    const behind = connect(port, "127.0.0.1");
    for (const each of [socket, behind]) each.on("error", () => each.destroy());
    socket.pipe(behind).pipe(socket);
  }).listen(0, "127.0.0.1");
  front.on("tlsClientError", () => undefined);
  await once(front, "listening");
});

afterAll(async () => {
  front.close();
  await server.stop();
  spec.remove();
  rmSync(dir, { recursive: true, force: true });
});

function behindTls(changes: Partial<ServerAddress> = {}): ServerAddress {
  return addressOf(server, {
    endpoint: `127.0.0.1:${(front.address() as AddressInfo).port}`,
    secure: true,
    ...changes,
  });
}

test("a server behind TLS is read when its authority is trusted (U-082, M-044)", async () => {
  const { findings, notRead } = await verifyStage(spec.model(), behindTls({ caFile: certificate }));
  expect({ findings, notRead }).toEqual({ findings: [], notRead: [] });
});

test("without caFile its certificate is not trusted, in one sentence", async () => {
  const look = verifyStage(spec.model(), behindTls());
  await expect(look).rejects.toThrow(/certificate of https:.* isn't trusted \(.*\); set bucketworks:caFile/);
});

test("TLS asked of a server that speaks none is said so", async () => {
  const look = verifyStage(spec.model(), addressOf(server, { secure: true }));
  await expect(look).rejects.toThrow(/doesn't speak TLS; set bucketworks:secure to false/);
});
