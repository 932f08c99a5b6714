/**
 * What buckets with versioning, a lifecycle rule and an IAM policy take by this project, by Terraform, by a loop of mc, by the
 * Python SDK and by bare calls: `node test/bench/buckets.ts 20 100`. ROUNDS (3) is how often; TOOLS names some of them. Writes
 * docs/performance/bench.json, in which sizes that weren't measured stay, and what docs/performance.md shows of it.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { arch, availableParallelism, platform, tmpdir, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { TestServer } from "../support/minio.ts";
import { ROOT } from "../support/toolchain.ts";
import { bareCalls } from "./compared/bare.ts";
import { checked } from "./compared/check.ts";
import { mcLoop } from "./compared/mc.ts";
import { ours } from "./compared/ours.ts";
import { pythonSdk, pythonWithSdk } from "./compared/python.ts";
import { compared } from "./compared/rounds.ts";
import { terraform } from "./compared/terraform.ts";
import type { Tool } from "./compared/tool.ts";
import { BENCH_FILE, writePages } from "./results/pages.ts";
import { type Bench, bench, merged, type Size } from "./results/schema.ts";

const counts = process.argv.slice(2).map(Number);
const sizes = counts.length > 0 ? counts : [20, 100];
const rounds = Number(process.env.ROUNDS || 3);
if (![...sizes, rounds].every((count) => Number.isInteger(count) && count > 0)) {
  const given = `BUCKETS="${process.argv.slice(2).join(" ")}" ROUNDS="${process.env.ROUNDS ?? ""}"`;
  process.stderr.write(`bench: BUCKETS and ROUNDS are whole numbers above 0, got ${given}\n`);
  process.exit(2);
}

const say = (line: string) => void process.stderr.write(`${line}\n`);
const scratch = mkdtempSync(join(tmpdir(), "bucketworks-bench-"));
const server = await TestServer.start();
// Whatever runs then fails, and everything is put away.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => void server.pause("SIGKILL"));
try {
  const tools = chosen();
  const file = join(ROOT, BENCH_FILE);
  mkdirSync(dirname(file), { recursive: true });
  const checks = await checked(rounds);
  for (const buckets of sizes) {
    const size = await compared(server, tools, buckets, rounds);
    const before = existsSync(file) ? bench.parse(JSON.parse(readFileSync(file, "utf8"))) : undefined;
    const now = bench.parse(measurement(tools, [size], checks));
    writeFileSync(file, `${JSON.stringify(merged(before, now), null, 1)}\n`);
    writePages(ROOT);
  }
} finally {
  await server.stop();
  rmSync(scratch, { recursive: true, force: true });
}

function measurement(tools: readonly Tool[], sizes: Size[], checks: Bench["checks"]): Bench {
  return {
    schemaVersion: 1,
    machine: {
      cores: availableParallelism(),
      memory: Math.round(totalmem() / 2 ** 30),
      system: `${platform()} ${arch()}`,
    },
    tools: Object.fromEntries(tools.map(({ name, version }) => [name, version])),
    sizes,
    checks,
  };
}

/** Those that can be had here; of the others a line is said. */
function chosen(): Tool[] {
  const python = pythonWithSdk(join(scratch, "python"));
  if (python === undefined) say("the Python SDK can't be had from PyPI: measured without it");
  const theirs = terraform();
  if ("missing" in theirs)
    say(
      `${theirs.missing} is missing: measured without Terraform; run make terraform, or name BENCH_TERRAFORM and BENCH_TERRAFORM_PROVIDER`,
    );
  const all = [
    ours(server, ownVersion()),
    ...("missing" in theirs ? [] : [theirs]),
    mcLoop(),
    ...(python === undefined ? [] : [pythonSdk(python, 1), pythonSdk(python, 16)]),
    bareCalls(),
  ];
  const asked = process.env.TOOLS?.split(",") ?? all.map(({ name }) => name);
  const unknown = asked.filter((name) => !all.some((each) => each.name === name));
  if (unknown.length > 0)
    throw new Error(`TOOLS: no ${unknown.join(", ")}; there are ${all.map(({ name }) => name).join(", ")}`);
  return all.filter(({ name }) => asked.includes(name));
}

function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  return version;
}
