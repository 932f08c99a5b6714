import type { ResolvedModel } from "../../config/model.ts";
import { LiveClient } from "../../live/client.ts";
import { Mc } from "./mc.ts";
import { TestServer } from "./minio.ts";
import { makeIdentities } from "./scanned.ts";
import { addressOf, make, SpecFile } from "./verified.ts";

const SPEC = `
bucket_groups:
  all:
    versioning: true
    buckets:
      - {name: raw-data, quota: 1GiB}
      - {name: reports, versioning: false, retention_days: 30}
      - {name: other-data}
access:
  policies:
    writer: {grants: [{role: write, bucket: raw-data}, {role: read, bucket: reports, prefixes: [daily/]}]}
    keeper:
      grants:
        - {role: list, bucket: raw-data}
        - {role: list, bucket: other-data}
        - {role: read_write, bucket: reports}
  users:
    ada: {policies: [writer]}
    keeping: {policies: [keeper]}
`;
export const SECRET = "a-secret-of-the-test";
const HOSTILE = "a+b c/<script>\u0001&amp;/ü";

interface ReportedServer {
  readonly server: TestServer;
  readonly mc: Mc;
  readonly spec: SpecFile;
  readonly model: ResolvedModel;
  readonly client: LiveClient;
  readonly remove: () => Promise<void>;
}

/** A server that is as a spec says, with identities and a few objects. */
export async function reportedServer(): Promise<ReportedServer> {
  const server = await TestServer.start();
  const mc = new Mc(server);
  const spec = new SpecFile(SPEC);
  const model = spec.model();
  await make(model, server);
  await makeIdentities(model, mc, SECRET);
  const client = new LiveClient(addressOf(server));
  const objects = [
    ["a/1", "one"],
    ["a/1", "three"],
    ["a/2", "two"],
    [HOSTILE, "hostile"],
    ["root", "gone"],
  ] as const;
  for (const [key, text] of objects) await client.put("raw-data", key, text);
  await client.send({ method: "DELETE", bucketName: "raw-data", objectName: "root" });
  await client.put("reports", "daily/x", "x".repeat(1000));
  const remove = (): Promise<void> => {
    client.close();
    mc.remove();
    spec.remove();
    return server.stop();
  };
  return { server, mc, spec, model, client, remove };
}
