import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Checkout, checkoutAt } from "../../cli/checkout.ts";
import { stopServices } from "../../cli/local/service/start.ts";
import { freePort } from "../support/minio.ts";
import { copyProject } from "../support/project-copy.ts";
import { ROOT } from "../support/toolchain.ts";

let checkout: Checkout;
let env: NodeJS.ProcessEnv;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** As recipes of make run it, with the settings of toolchain/env.sh. */
function sh(command: string): Promise<Ended> {
  const options = { cwd: checkout.root, env, maxBuffer: 2 ** 26 };
  return new Promise((resolve) => {
    const child = execFile("sh", ["-c", `. ./toolchain/env.sh && ${command}`], options, (_, out, err) =>
      resolve({ code: child.exitCode, out, err }),
    );
  });
}

beforeAll(async () => {
  checkout = checkoutAt(copyProject());
  const names = ["BUCKETWORKS_PORT", "BUCKETWORKS_CONSOLE_PORT", "BUCKETWORKS_POSTGRES_PORT"];
  const ports = await Promise.all(names.map(async (name) => [name, String(await freePort())]));
  env = { ...process.env, ...Object.fromEntries(ports) };
  const platforms = join(checkout.root, "config", "platforms");
  for (const name of readdirSync(platforms)) {
    if (!["cybersec.yaml", "dataops.yaml"].includes(name)) rmSync(join(platforms, name));
  }
  mkdirSync(join(checkout.root, ".bucketworks/pipelines"), { recursive: true });
  symlinkSync(join(ROOT, ".bucketworks/pipelines/venv"), join(checkout.root, ".bucketworks/pipelines/venv"));
  const up = await sh("exec bin/bucketworks up");
  expect(up.code, up.out + up.err).toBe(0);
});

afterAll(async () => {
  await stopServices(checkout);
  rmSync(checkout.root, { recursive: true, force: true });
});

test("one command runs the data programs of both platforms on the local platform, and says where everything is", {
  timeout: 600_000,
}, async () => {
  const { code, out, err } = await sh("exec sh pipelines/local.sh");
  expect(code, out + err).toBe(0);
  const mc = async (bucket: string): Promise<string> => (await sh(`mc ls --recursive dev/${bucket}`)).out;
  const [, ingested = "none"] = /^ingested: s3:\/\/cybersec-ml-raw\/(\S+)$/m.exec(out) ?? [];
  expect(await mc("cybersec-ml-raw")).toContain(ingested);
  for (const layer of ["silver", "models", "eval"]) {
    const [, key = "none"] = new RegExp(`^s3://cybersec-ml-${layer}/([^:]+): `, "m").exec(out) ?? [];
    expect(await mc(`cybersec-ml-${layer}`)).toContain(key);
  }
  for (const bucket of ["dataops-staging-raw", "dataops-staging-transformed", "dataops-production"]) {
    const [, key = "none"] = new RegExp(`s3://${bucket}/(binance/[^,? ]+)`).exec(out) ?? [];
    expect(await mc(bucket)).toContain(key);
  }
  expect(out).toContain("every object of production has its promotion, and every promotion its objects");
});
