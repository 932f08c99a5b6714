import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ClusterCheckout } from "../cluster-checkout.ts";

/** Days that usdcop keeps its backups, which docs/backup-target-policy.json is written for. */
const KEEP = 90;
const JOB = "usdcop-bucket-backup";
const KEY = { accessKey: "offsite-backups-key", secretKey: randomBytes(20).toString("hex") };

/**
 * Has usdcop be backed up to another server with TLS. The one of the stack stands in for it, by another key and a bucket that no
 * platform has: what the job's pod is given is the same.
 * @param caFile of its certificate, from the checkout's root
 */
export async function declareOffsite(checkout: ClusterCheckout, caFile: string): Promise<void> {
  const file = "config/platforms/usdcop.yaml";
  const text = readFileSync(join(checkout.root, file), "utf8");
  const own = "backup: # project decision: when, and for how long\n  bucket: 99-common-trading-backups\n";
  if (!text.includes(own)) throw new Error(`${file} has another backup`);
  checkout.writeFile(file, text.replace(own, "backup:\n  to: offsite\n  bucket: offsite-backups\n"));
  const endpoint = `https://minio-service.${checkout.namespace}.svc.cluster.local:9000`;
  await checkout.set({ "backupTargets.offsite.endpoint": endpoint, "backupTargets.offsite.caFile": caFile });
  for (const [part, value] of Object.entries(KEY)) {
    await checkout.setSecret(`backupTargetCredentials.offsite.${part}`, value);
  }
}

/** Makes its bucket and key as docs/backup.md says, and has the scheduled job run. @returns what the job printed, and what lies there */
export async function runOffsite(checkout: ClusterCheckout): Promise<{ log: string; stored: string }> {
  const { cluster, namespace } = checkout;
  const mc = (...args: string[]) => checkout.mc("--insecure", ...args);
  const kubectl = (...args: string[]) => cluster.kubectl("-n", namespace, ...args);
  await mc("mb", "--with-lock", "s/offsite-backups");
  await mc("retention", "set", "--default", "compliance", `${KEEP}d`, "s/offsite-backups");
  await mc("admin", "policy", "create", "s", "offsite", "docs/backup-target-policy.json");
  await mc("admin", "user", "add", "s", KEY.accessKey, KEY.secretKey);
  await mc("admin", "policy", "attach", "s", "offsite", "--user", KEY.accessKey);
  const job = await kubectl("get", "cronjob", JOB, "-o", "json");
  if (job.includes(KEY.secretKey)) throw new Error(`cronjob ${JOB} holds the key of the other server in plaintext`);
  await kubectl("create", "job", "backup-now", `--from=cronjob/${JOB}`);
  await cluster.jobDone(namespace, "backup-now", 180);
  return { log: await kubectl("logs", "job/backup-now"), stored: await mc("ls", "--recursive", "s/offsite-backups") };
}
