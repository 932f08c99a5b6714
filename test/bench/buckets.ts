import { connect } from "../../provider/server/connection.ts";
import { readSettings } from "../../provider/server/read.ts";
import { createBucket } from "../../provider/server/write.ts";
import { TestCheckout } from "../support/checkout.ts";
import { manyBuckets, platformFile } from "../support/specs.ts";
import { peakMemory } from "./memory.ts";

/** What a person waits for, by number of buckets; beside it the bare calls to the same server in the same run. */
const STEPS: readonly (readonly [name: string, ...args: string[]])[] = [
  ["up", "up", "--yes", "--skip-preview"],
  ["preview, no change", "preview", "--expect-no-changes"],
  ["refresh", "refresh", "--yes", "--skip-preview"],
  ["up, one change", "up", "--yes", "--skip-preview"],
  ["destroy", "destroy", "--yes", "--skip-preview"],
];
const WORKERS = 16;

const counts = process.argv.slice(2).map(Number);
for (const count of counts.length > 0 ? counts : [100, 500]) await measure(count);

async function measure(count: number): Promise<void> {
  const checkout = await TestCheckout.make({ many: platformFile(manyBuckets(count)) });
  try {
    console.log(`\n${count} buckets`);
    for (const [name, ...args] of STEPS) {
      if (name === "up, one change") {
        const text = platformFile(manyBuckets(count)).replace("one of many, tags: {number", "changed, tags: {changed");
        checkout.writePlatforms({ many: text });
      }
      const began = performance.now();
      const { outcome, pid } = checkout.start("pulumi", ...args);
      const peak = peakMemory(pid);
      const { code, stdout } = await outcome;
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      console.log(`${name.padEnd(20)} ${seconds.padStart(7)} s  ${peak().toFixed(0).padStart(5)} MiB peak`);
      if (code !== 0) throw new Error(stdout);
    }
    await bareCalls(checkout, count);
  } finally {
    await checkout.remove();
  }
}

/** The floor: the same buckets made and read by plain calls. */
async function bareCalls({ server }: TestCheckout, count: number): Promise<void> {
  const config = { endpoint: server.endpoint, secure: false, region: "us-east-1" };
  const credentials = { accessKey: server.user, secretKey: server.password };
  const connection = connect({ ...config, ...credentials }, new AbortController().signal);
  const names = Array.from({ length: count }, (_, index) => `bare-${index}`);
  for (const [name, work] of [
    ["bare create", (bucket: string) => createBucket(connection, bucket, false)],
    ["bare read", (bucket: string) => readSettings(connection, bucket)],
  ] as const) {
    const began = performance.now();
    const left = [...names];
    const worker = async (): Promise<void> => {
      for (let bucket = left.pop(); bucket !== undefined; bucket = left.pop()) await work(bucket);
    };
    await Promise.all(Array.from({ length: WORKERS }, worker));
    console.log(`${name.padEnd(20)} ${((performance.now() - began) / 1000).toFixed(1).padStart(7)} s`);
  }
  connection.s3.destroy();
}
