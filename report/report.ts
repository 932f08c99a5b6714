import { reportBuckets } from "./buckets.ts";
import { identityFinding } from "./findings.ts";
import type { Parts } from "./parts.ts";
import type { Report, ReportBucket, RunSummary } from "./schema.ts";
import { meanScore, SCORE_FORMULA } from "./score.ts";
import { runSummaryOf } from "./summary.ts";

/**
 * The report of one run.
 * @param earlier runs of the same stage and server, oldest first
 */
export function reportOf(parts: Parts, earlier: readonly RunSummary[]): Report {
  const {
    began,
    ended,
    stage,
    stack,
    server,
    verified,
    access,
    drift,
    backups,
    database_backups,
    replication,
    alerts,
  } = parts;
  const buckets = reportBuckets(parts);
  const unhealthy = buckets.filter(({ status }) => status !== "healthy").length;
  const whole: Omit<Report, "trend"> = {
    schemaVersion: 1,
    generated_at: began.toISOString(),
    duration_seconds: Math.round(Math.max(0, ended.getTime() - began.getTime()) / 100) / 10,
    ...{ stage, server },
    overall_health_score: meanScore(buckets),
    score_formula: SCORE_FORMULA,
    total_buckets: buckets.length,
    healthy_buckets: buckets.length - unhealthy,
    unhealthy_buckets: unhealthy,
    platforms: parts.platforms.map(({ name }) =>
      platformOf(
        name,
        buckets.filter(({ platform }) => platform === name),
      ),
    ),
    buckets,
    findings: (verified.identities?.findings ?? [])
      .filter(({ bucket }) => bucket === null)
      .map((each) => identityFinding(each, stack)),
    ...{ access, drift, backups, database_backups, replication, alerts },
    not_looked: notLooked(parts),
  };
  return { ...whole, trend: [...earlier, runSummaryOf(whole)] };
}

function platformOf(name: string, buckets: readonly ReportBucket[]): Report["platforms"][number] {
  const usages = buckets.flatMap(({ usage }) => (usage === null ? [] : [usage]));
  const sum = (of: "bytes" | "objects"): number | null =>
    usages.length === 0 ? null : usages.reduce((total, usage) => total + usage[of], 0);
  return {
    name,
    health_score: meanScore(buckets),
    total_buckets: buckets.length,
    unhealthy_buckets: buckets.filter(({ status }) => status !== "healthy").length,
    bytes: sum("bytes"),
    objects: sum("objects"),
  };
}

/** Everything that could not be looked at, what and why, each once. */
function notLooked({ verified, not_looked, ...rest }: Parts): Report["not_looked"] {
  const { identities, forged } = verified;
  const parts = (["access", "drift", "backups", "database_backups", "replication", "alerts"] as const).flatMap(
    (what) => {
      const part = rest[what];
      return "reason" in part ? [{ what: what.replace("_", " "), reason: part.reason }] : [];
    },
  );
  const tries = (identities?.notTried ?? []).map(({ identity, reason }) => ({ what: `tries of ${identity}`, reason }));
  const none = { what: "tries of identities", reason: "not asked for (--no-identities)" };
  const doubts = [...forged.notTried, ...forged.untried].map(({ reason }) => ({ what: "forged requests", reason }));
  const all = [...parts, ...(identities === null ? [none] : tries), ...doubts, ...not_looked];
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
}
