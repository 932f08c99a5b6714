import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { metricsPolicy, metricsToken } from "../../../builders/monitoring/metrics-access.ts";
import type { Checkout } from "../../checkout.ts";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { findBinary } from "../minio/service.ts";
import { readText, writePrivate } from "../private-files.ts";

/** User and policy of Prometheus on the local server: they read metrics and nothing else (ADR 6). */
export const METRICS_USER = "bucketworks-metrics";

/**
 * Has a token with which the local server gives its metrics. One that is good stays; else the user is made, or gets a
 * new secret, which nobody keeps.
 * @returns whether it was made
 * @throws CommandError where the server refuses
 */
export async function ensureMetricsToken(checkout: Checkout, address: string, file: string): Promise<boolean> {
  const token = readText(file);
  if (token !== undefined && (await opensMetrics(address, token))) return false;
  const secret = randomBytes(24).toString("hex");
  const policy = join(checkout.services, "metrics-policy.json");
  const alias = "dev";
  writePrivate(policy, JSON.stringify(metricsPolicy()));
  try {
    mc(checkout, ["admin", "policy", "create", alias, METRICS_USER, policy]);
    // By its input: whoever lists processes sees arguments.
    mc(checkout, ["admin", "user", "add", alias], `${METRICS_USER}\n${secret}\n`);
    mc(checkout, ["admin", "policy", "attach", alias, METRICS_USER, "--user", METRICS_USER]);
  } finally {
    rmSync(policy, { force: true });
  }
  writePrivate(file, metricsToken({ user: METRICS_USER, secret }));
  return true;
}

async function opensMetrics(address: string, token: string): Promise<boolean> {
  const answer = await fetch(`http://${address}/minio/v2/metrics/cluster`, {
    headers: { Authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(10_000),
  });
  await answer.body?.cancel();
  return answer.ok;
}

function mc(checkout: Checkout, args: readonly string[], input = ""): void {
  const { status, stdout, stderr } = spawnSync(findBinary(checkout, "mc"), args, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, MC_CONFIG_DIR: checkout.mc.folder },
    input,
    encoding: "utf8",
  });
  if (status === 0) return;
  const said = (stderr || stdout).trim().split("\n").at(-1);
  throw new CommandError(`the user for the server's metrics could not be made: ${said}`, EXIT.couldNotLook);
}
