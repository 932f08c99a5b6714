/**
 * What a person waits for before anything is done: a preview without change, and `bucketworks check`. Beside each, in turn, the
 * least that Pulumi and Node take for themselves; the ratios are the result, as seconds are this machine's and this hour's.
 */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TestCheckout } from "../support/checkout.ts";
import { manyBuckets, platformFile } from "../support/specs.ts";
import { ROOT } from "../support/toolchain.ts";
import { peakMemory } from "./memory.ts";

const ROUNDS = 5;

interface Cost {
  readonly seconds: number;
  /** Peak of the whole family of processes, MiB: pages that processes share count once in each. */
  readonly memory: number;
}

async function cost(checkout: TestCheckout, [command = "", ...args]: readonly string[]): Promise<Cost> {
  const began = performance.now();
  const { outcome, pid } = checkout.start(command, ...args);
  const peak = peakMemory(pid);
  const { code, stdout, stderr } = await outcome;
  const memory = peak();
  if (code !== 0) throw new Error(`${stdout}\n${stderr}`);
  return { seconds: (performance.now() - began) / 1000, memory };
}

/** The cheapest of several rounds of each command, taken in turn. */
async function cheapest(checkout: TestCheckout, commands: readonly (readonly string[])[]): Promise<Cost[]> {
  const best: Cost[] = commands.map(() => ({ seconds: Number.POSITIVE_INFINITY, memory: Number.POSITIVE_INFINITY }));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [index, command] of commands.entries()) {
      const found = await cost(checkout, command);
      const before = best[index];
      // The first round fills caches.
      if (round === 0 || before === undefined) continue;
      const seconds = Math.min(before.seconds, found.seconds);
      best[index] = { seconds, memory: Math.min(before.memory, found.memory) };
    }
  }
  return best;
}

function say(name: string, cost: Cost | undefined, least: Cost | undefined): void {
  if (cost === undefined || least === undefined) return;
  const ratio = (cost.seconds / least.seconds).toFixed(1);
  console.log(
    `${name.padEnd(28)} ${cost.seconds.toFixed(2).padStart(6)} s ${cost.memory.toFixed(0).padStart(5)} MiB ${ratio.padStart(6)}`,
  );
}

/** A program that makes nothing, with a stack of its own. @returns the command line that previews it */
async function emptyProgram(checkout: TestCheckout): Promise<string[]> {
  const folder = join(checkout.root, "empty");
  mkdirSync(folder);
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: empty\nruntime: {name: nodejs, options: {typescript: false}}\n");
  writeFileSync(join(folder, "package.json"), '{"name": "empty", "main": "index.js"}\n');
  writeFileSync(join(folder, "index.js"), "");
  await checkout.must("pulumi", "-C", folder, "stack", "init", "empty");
  return ["pulumi", "-C", folder, "preview", "--stack", "empty"];
}

console.log(`${"least of several".padEnd(28)} seconds    peak  ratio`);
for (const count of [20, 100]) {
  const checkout = await TestCheckout.make({ many: platformFile(manyBuckets(count)) });
  try {
    await checkout.must("pulumi", "up", "--yes", "--skip-preview");
    const preview = ["pulumi", "preview", "--stack", "dev", "--expect-no-changes"];
    const [least, ours] = await cheapest(checkout, [await emptyProgram(checkout), preview]);
    say("preview, empty program", least, least);
    say(`preview, ${count} buckets`, ours, least);
  } finally {
    await checkout.remove();
  }
}
const checkout = await TestCheckout.make();
const many = [500, 5000].map((count) => {
  const file = join(checkout.root, `${count}.yaml`);
  writeFileSync(file, platformFile(manyBuckets(count).replaceAll("{number:", "{data_type: raw, number:")));
  return ["bucketworks", "check", "--stage", "production", file];
});
try {
  const [least, ours, list] = await cheapest(checkout, [
    ["node", "-e", "0"],
    ["bucketworks", "check"],
    ["bucketworks", "--help"],
  ]);
  say("node that does nothing", least, least);
  say("the list of commands", list, least);
  say("check, five platforms", ours, least);
  const [few, most] = await cheapest(checkout, many);
  say("check, 500 buckets", few, few);
  say("check, 5,000 buckets", most, few);
} finally {
  await checkout.remove();
}
