import type { Alerting, Platform } from "../config/model.ts";
import type { Alert } from "../history/history.ts";
import type { Report, RunSummary } from "../report/schema.ts";

/** What a run says to the rules of the platforms. */
export interface Judgement {
  readonly firing: readonly Alert[];
  /** Whether an alert that doesn't fire could have been seen: one that couldn't be hasn't ended. */
  readonly isJudged: (alert: Pick<Alert, "name" | "platform" | "severity" | "buckets">) => boolean;
}

/** A platform that wants to be told something. */
type Watched = Pick<Platform, "name"> & { readonly alerting: Alerting };

/** Within which a fall of the score is one, milliseconds. */
const FALL_MS = 24 * 3600 * 1000;
const HOUR_MS = 3600 * 1000;

/**
 * Judges a run that could look.
 * @param earlier runs before it, oldest first
 */
export function judge(report: Report, platforms: readonly Platform[], earlier: readonly RunSummary[]): Judgement {
  const watched = platforms.flatMap((each) => (each.alerting === null ? [] : [{ ...each, alerting: each.alerting }]));
  const firing = watched.flatMap((platform) => [
    ...unhealthy(report, platform),
    ...slow(report, platform),
    ...fallen(report, platform, earlier),
    ...nearlyFull(report, platform),
    ...drifted(report, platform),
    ...unprotected(report, platform),
  ]);
  const names = new Set(watched.map(({ name }) => name));
  const unseen = new Set([
    ...("reason" in report.drift ? ["DriftFound"] : []),
    ...("reason" in report.backups ? ["BackupTooOld", "BackupDrillFailed", "BackupDrillOverdue"] : []),
    ...(report.not_looked.some(({ what }) => what === "tries of identities") ? ["AccessUnsafe"] : []),
  ]);
  const isSeen = ({ name, platform, severity, buckets: about }: Parameters<Judgement["isJudged"]>[0]) => {
    const own = report.buckets.filter((bucket) => bucket.platform === platform);
    if (name === "BucketNearlyFull") return own.some(({ quota }) => quota !== null);
    if (name === "ProbesSlow") return own.some(({ status }) => status !== "unknown");
    // One that couldn't be looked at may be as open as it was; one that left the files is nobody's any more.
    const isWorst = name === "BucketsUnhealthy" && severity === "critical";
    const mayBeOpen = own.some((each) => each.status === "unknown" && (about?.includes(each.name) ?? true));
    return !unseen.has(name) && !(isWorst && mayBeOpen);
  };
  return { firing, isJudged: (alert) => names.has(alert.platform) && isSeen(alert) };
}

/** Judges a run that couldn't look at all: of everything else it says nothing. @param reason one sentence */
export function judgeUnreachable(reason: string, platforms: readonly Platform[]): Judgement {
  const firing = platforms
    .filter(({ alerting }) => alerting !== null)
    .map(({ name }) =>
      alert("StorageUnreachable", "critical", name, `The storage of ${name} can't be looked at: ${reason}`),
    );
  return { firing, isJudged: ({ name }) => name === "StorageUnreachable" };
}

/** Whether an alert is of a platform that is told nothing any more: it can't be seen to be over. @param platforms all */
export function isOfNone(platforms: readonly Platform[]): Judgement["isJudged"] {
  const watched = new Set(platforms.filter(({ alerting }) => alerting !== null).map(({ name }) => name));
  return ({ platform }) => !watched.has(platform);
}

/** A critical finding is told whatever the threshold says. */
function unhealthy({ buckets, findings }: Report, { name, alerting }: Watched): Alert[] {
  const own = buckets.filter(({ platform, status }) => platform === name && status !== "healthy");
  const isCritical = (each: { findings: Report["findings"] }) =>
    each.findings.some(({ severity }) => severity === "critical");
  const critical = own.filter(isCritical);
  const others = own.filter((each) => !isCritical(each));
  const words = (those: typeof own) => {
    const first = those[0]?.findings[0];
    const why =
      first === undefined
        ? (those[0]?.not_looked ?? "")
        : `${first.check}: expected ${first.expected}, found ${first.actual}`;
    return `${those.length} of the buckets of ${name} ${those.length === 1 ? "isn't" : "aren't"} healthy: ${list(those.map((each) => each.name))}. The first: ${why}`;
  };
  const server = findings.find(({ severity }) => severity === "critical");
  return [
    ...(critical.length > 0
      ? [
          {
            ...alert("BucketsUnhealthy", "critical", name, words(critical)),
            buckets: critical.map((each) => each.name),
          },
        ]
      : []),
    ...(others.length >= alerting.monitor.unhealthyBuckets
      ? [alert("BucketsUnhealthy", "warning", name, words(others))]
      : []),
    ...(server === undefined
      ? []
      : [
          alert(
            "AccessUnsafe",
            "critical",
            name,
            `${server.check}: expected ${server.expected}, found ${server.actual}`,
          ),
        ]),
  ];
}

function slow({ buckets }: Report, { name, alerting }: Watched): Alert[] {
  const times = buckets.flatMap(({ platform, probe_latency_ms: ms }) => (platform === name && ms !== null ? [ms] : []));
  const measured = times.sort((a, b) => a - b)[Math.max(0, Math.ceil(times.length * 0.95) - 1)];
  const most = alerting.monitor.latencySeconds * 1000;
  if (measured === undefined || measured <= most) return [];
  const summary = `Reads of the buckets of ${name} take ${Math.round(measured)} ms, allowed are ${most} ms.`;
  return [alert("ProbesSlow", "warning", name, summary)];
}

/** Of the platforms that aren't whole: the best run of 24 hours against this one. */
function fallen(report: Report, { name, alerting }: Watched, earlier: readonly RunSummary[]): Alert[] {
  const { overall_health_score: now, generated_at: at, platforms } = report;
  const own = platforms.find((each) => each.name === name)?.health_score ?? 100;
  if (now === null || own === 100) return [];
  const from = Date.parse(at) - FALL_MS;
  const scores = earlier.filter((run) => Date.parse(run.at) >= from).map((run) => run.overall_health_score ?? 0);
  const best = Math.max(...scores, now);
  if (best - now < alerting.monitor.scoreDrop) return [];
  return [
    alert(
      "ScoreDropped",
      "warning",
      name,
      `The health score fell from ${best} to ${now} within 24 hours; that of ${name} is ${own}.`,
    ),
  ];
}

function nearlyFull({ buckets }: Report, { name, alerting }: Watched): Alert[] {
  const { quotaPercent } = alerting.capacity;
  const full = buckets.filter(({ platform, quota }) => platform === name && (quota?.used_percent ?? 0) >= quotaPercent);
  if (full.length === 0) return [];
  const words = list(full.map((each) => `${each.name} (${Math.round(each.quota?.used_percent ?? 0)} %)`));
  return [alert("BucketNearlyFull", "warning", name, `More than ${quotaPercent} % of the quota is used: ${words}.`)];
}

/** Of what isn't a setting of a bucket of the files: those are told as unhealthy. */
function drifted({ drift, buckets }: Report, { name }: Watched): Alert[] {
  if ("reason" in drift) return [];
  const known = new Set(buckets.map((each) => each.name));
  const others = drift.findings.filter(({ check, name: of }) => !(check === "bucket" && known.has(of)));
  if (others.length === 0) return [];
  const words = list(others.map((each) => `${each.kind} ${each.check} ${each.name}`));
  return [alert("DriftFound", "warning", name, `The server differs from the files: ${words}.`)];
}

function unprotected({ backups, generated_at: now }: Report, { name }: Watched): Alert[] {
  if ("reason" in backups) return [];
  const own = backups.entries.filter(({ platform }) => platform === name);
  const old = own.filter(
    ({ last_at: at, max_age_hours: most }) => at === null || Date.parse(now) - Date.parse(at) > most * HOUR_MS,
  );
  const failed = own.flatMap(({ name: bucket, drill }) => (drill?.passed === false ? [{ bucket, drill }] : []));
  const overdue = own.flatMap(({ name: bucket, drill, drill_overdue: isOverdue }) =>
    isOverdue ? [`${bucket} (${drill === null ? "never" : `last at ${drill.at}`})`] : [],
  );
  const drillDays = own[0]?.max_drill_age_days;
  const ages = list(
    old.map((each) => `${each.name} (${each.last_at === null ? "never made" : `last at ${each.last_at}`})`),
  );
  const drills = list(failed.map(({ bucket, drill }) => `${bucket} at ${drill.at}: ${drill.failure}`));
  return [
    ...(old.length > 0 ? [alert("BackupTooOld", "critical", name, `Backups are too old: ${ages}.`)] : []),
    ...(failed.length > 0
      ? [alert("BackupDrillFailed", "critical", name, `What was restored isn't what was backed up: ${drills}.`)]
      : []),
    ...(overdue.length > 0
      ? [alert("BackupDrillOverdue", "warning", name, `No restore was tried for ${drillDays} days: ${list(overdue)}.`)]
      : []),
  ];
}

function alert(name: string, severity: Alert["severity"], platform: string, summary: string): Alert {
  return { name, severity, platform, summary };
}

/** Five of them, and how many more there are. */
function list(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
