import { randomBytes } from "node:crypto";
import { appendFileSync, existsSync, renameSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { named } from "../config/system-fault.ts";
import type { Checkout } from "./checkout.ts";
import { Interrupted } from "./ending/signals.ts";
import { makePrivateFolder } from "./local/private-files.ts";
import { masks } from "./logs/mask.ts";

/** Bytes of the log before it is moved away. */
const LIMIT = 5 * 1024 * 1024;

/** What somebody does. */
interface Deed {
  /** Command and verb: `key.rotate`. */
  readonly action: string;
  /** What it is done to: `user/mlflow`, `bucket/80-usdcop-tmp`. */
  readonly object: string;
  readonly platform?: string;
}

/**
 * Does something that the audit trail has to tell of (docs/logs.md): a line before it, one after it. What can't be recorded
 * isn't done; a line without its second one is a deed that was killed. Where no checkout is, as in a pod, the lines go to
 * standard error, where what ships logs of pods reads them.
 * @throws what the work throws; an error of the system where the line can't be written
 */
export async function audited<T>(checkout: Checkout, deed: Deed, work: () => Promise<T>): Promise<T> {
  const id = randomBytes(8).toString("hex");
  const tell = (outcome: string, reason = "") => write(checkout, { deed, id, outcome, reason });
  tell("begun");
  try {
    const result = await work();
    tell("done");
    return result;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    tell(error instanceof Interrupted ? "interrupted" : "failed", reason);
    throw error;
  }
}

interface Told {
  readonly deed: Deed;
  readonly id: string;
  readonly outcome: string;
  readonly reason: string;
}

function write(checkout: Checkout, { deed, id, outcome, reason }: Told): void {
  const { action, object, platform = "" } = deed;
  const file = join(checkout.logs, "bucketworks.log");
  const line = masks(checkout.root)({
    time: new Date().toISOString(),
    level: outcome === "failed" ? "error" : "info",
    message: `${action} ${object}: ${outcome}`,
    service: "bucketworks",
    platform,
    correlation_id: id,
    audit: true,
    actor: userInfo().username,
    action,
    object,
    outcome,
    ...(reason !== "" && { reason }),
  });
  if (!existsSync(checkout.home)) {
    process.stderr.write(`${JSON.stringify(line)}\n`);
    return;
  }
  try {
    makePrivateFolder(checkout.logs);
    if (existsSync(file) && statSync(file).size > LIMIT) renameSync(file, `${file}.1`);
    appendFileSync(file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  } catch (error) {
    throw named(error, file);
  }
}
