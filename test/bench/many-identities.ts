/**
 * What `scan` takes, by the number of a server's identities: `node test/bench/many-identities.ts 1000 10000`. Of ten
 * identities eight are users and two are service accounts; the server has ten policies and one bucket. No test runs it.
 */
import { Mc } from "../support/mc.ts";
import { TestServer } from "../support/minio.ts";
import { makeIdentities } from "../support/scanned.ts";
import { manyBuckets, platformFile } from "../support/specs.ts";
import { make, SpecFile } from "../support/verified.ts";
import { measure } from "./one-command.ts";

const POLICIES = 10;
const COMMANDS: readonly (readonly string[])[] = [["check"], ["scan", "--quiet"]];

for (const count of process.argv.slice(2).map(Number)) {
  const server = await TestServer.start();
  const spec = new SpecFile(platformFile(manyBuckets(1)) + access(count));
  try {
    const model = spec.model();
    await make(model, server);
    await makeIdentities(model, new Mc(server), "a-secret-of-the-bench");
    console.log(`\n${count} identities`);
    for (const command of COMMANDS) await measure(server, [...command, spec.path]);
  } finally {
    spec.remove();
    await server.stop();
  }
}

function access(count: number): string {
  const list = (length: number, line: (index: number) => string) =>
    Array.from({ length }, (_, index) => line(index)).join("\n");
  const users = Math.round(count * 0.8);
  return `access:
  policies:
${list(POLICIES, (index) => `    p${index}: {grants: [{role: read, bucket: bucket-0, prefixes: [p${index}/]}]}`)}
  users:
${list(users, (index) => `    user-${index}: {policies: [p${index % POLICIES}]}`)}
  service_accounts:
${list(count - users, (index) => `    job-${index}: {user: user-${index}, policies: [p${index % POLICIES}]}`)}
`;
}
