/**
 * What commands that look at a whole server take, by the number of its buckets: `node test/bench/many-buckets.ts 1000 10000`.
 * The buckets are real, empty, and as their spec says. Half an hour for 10,000 on two busy cores; no test runs it.
 */
import { bucketInputs } from "../../builders/bucket-inputs.ts";
import type { Bucket } from "../../config/model.ts";
import { TestServer } from "../support/minio.ts";
import { Plugin } from "../support/plugin.ts";
import { manyBuckets, platformFile } from "../support/specs.ts";
import { SpecFile } from "../support/verified.ts";
import { measure } from "./one-command.ts";

const WORKERS = 16;
const COMMANDS: readonly (readonly string[])[] = [
  ["check"],
  ["verify", "--no-identities", "--quiet"],
  ["scan", "--quiet"],
  ["report", "--no-identities", "--depth", "health", "--quiet"],
];

const counts = process.argv.slice(2).map(Number);
const server = await TestServer.start();
try {
  const made = new Set<string>();
  for (const count of counts.length > 0 ? counts : [1000, 10_000]) {
    const spec = new SpecFile(platformFile(manyBuckets(count)));
    const { platforms } = spec.model();
    const all = platforms.flatMap(({ buckets }) => buckets);
    await makeAll(all.filter(({ name }) => !made.has(name)));
    for (const { name } of all) made.add(name);
    console.log(`\n${count} buckets`);
    for (const command of COMMANDS) await measure(server, [...command, spec.path]);
    spec.remove();
  }
} finally {
  await server.stop();
}

async function makeAll(buckets: readonly Bucket[]): Promise<void> {
  const plugin = await Plugin.start();
  try {
    await plugin.configure({ endpoint: server.endpoint, rootUser: server.user, rootPassword: server.password });
    const left = [...buckets];
    const worker = async (): Promise<void> => {
      for (let bucket = left.pop(); bucket !== undefined; bucket = left.pop())
        await plugin.create({ ...bucketInputs(bucket, "dev") });
    };
    await Promise.all(Array.from({ length: WORKERS }, worker));
  } finally {
    await plugin.stop();
  }
}
