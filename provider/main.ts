import { readFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { systemFault } from "../config/system-fault.ts";
import { byKind } from "./by-kind.ts";
import { Engine } from "./engine.ts";
import { ReplicationService } from "./replication/service.ts";
import { serve } from "./serve.ts";
import { BucketService } from "./service.ts";
import { TierService } from "./tier/service.ts";

/** Entry of the plugin: the engine passes its own address, reads the port from the first line and calls from there on. */
async function main(): Promise<void> {
  const address = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
  const engine = address === undefined ? undefined : new Engine(address);
  engine?.whenGone(() => process.exit(0));
  const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")) as { version: string };
  const buckets = new BucketService(version, engine);
  const tiers = new TierService(() => buckets.server(), engine);
  const host = { server: () => buckets.server(), declares: (bucket: string) => buckets.declares(bucket) };
  const replication = new ReplicationService(host, engine);
  const port = await serve(byKind({ buckets, tiers, replication }), version);
  process.stdout.write(`${port}\n`);
  // An engine kills its plugins: an exit that would write the cache of compiled code never comes.
  flushCompileCache();
}

main().catch((error: unknown) => {
  process.stderr.write(`bucketworks: ${systemFault(error) ?? (error instanceof Error ? error.stack : error)}\n`);
  process.exit(1);
});
