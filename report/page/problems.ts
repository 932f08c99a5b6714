import type { Report, ReportFinding } from "../schema.ts";
import { groupsBy } from "./groups.ts";
import { NEARLY_FULL } from "./tone.ts";
import { bytesWords, counted, percentWords, spanWords } from "./words.ts";

export type Severity = ReportFinding["severity"];

/** Where something is wrong. */
export interface Place {
  /** A path in a platform's file, or a name. */
  readonly label: string;
  /** Index in the report's buckets, whose part of the page tells more. */
  readonly bucket: number | null;
  readonly expected: string | null;
  readonly actual: string;
}

/** One thing that is wrong, in one place or more. */
export interface Problem {
  readonly severity: Severity;
  readonly title: string;
  readonly cure: string;
  readonly places: readonly Place[];
}

/** All that is wrong by the report, critical first, then what is wrong in most places. */
export function problemsOf(report: Report): Problem[] {
  const found = [
    ...report.buckets.flatMap(ofBucket),
    ...report.findings.map((finding) => ofFinding(finding, null)),
    ...ofAccess(report),
    ...ofDrift(report),
    ...ofBackups(report),
    ...ofDatabases(report),
    ...ofReplication(report),
    ...ofAlerts(report),
  ];
  const rank = ({ severity }: Problem): number => (severity === "critical" ? 0 : 1);
  return merged(found).sort((a, b) => rank(a) - rank(b) || b.places.length - a.places.length);
}

/** The same thing in many buckets is told once. */
function merged(problems: readonly Problem[]): Problem[] {
  const groups = groupsBy(problems, ({ severity, title, cure }) => JSON.stringify([severity, title, cure]));
  return [...groups.values()].flatMap(([first, ...rest]) =>
    first === undefined ? [] : [{ ...first, places: [first, ...rest].flatMap(({ places }) => places) }],
  );
}

function ofFinding({ severity, check, path, expected, actual, cure }: ReportFinding, bucket: number | null): Problem {
  return { severity, title: check, cure, places: [{ label: path, bucket, expected, actual }] };
}

function ofBucket(bucket: Report["buckets"][number], index: number): Problem[] {
  const { name, not_looked, quota, usage } = bucket;
  const place = (actual: string): Place => ({ label: name, bucket: index, expected: null, actual });
  const unknown: Problem[] =
    bucket.status === "unknown"
      ? [
          {
            severity: "warning",
            title: "could not be looked at",
            cure: "make what is named here right, and run the report again",
            places: [place(not_looked ?? "no reason is known")],
          },
        ]
      : [];
  const full: Problem[] =
    quota !== null && quota.used_percent >= NEARLY_FULL
      ? [
          {
            severity: quota.used_percent >= 100 ? "critical" : "warning",
            title: quota.used_percent >= 100 ? "quota is used up: writes are refused" : "quota is nearly used up",
            cure: "raise quota in the platform's file, or let a lifecycle rule expire old objects",
            places: [
              place(
                `${percentWords(quota.used_percent)} of ${bytesWords(quota.bytes)}${usage === null ? "" : `, ${bytesWords(usage.bytes)} stored`}`,
              ),
            ],
          },
        ]
      : [];
  return [...bucket.findings.map((finding) => ofFinding(finding, index)), ...unknown, ...full];
}

function ofAccess({ access, buckets }: Report): Problem[] {
  const entries = "entries" in access ? access.entries : [];
  return entries
    .filter(({ confirmed }) => confirmed === false)
    .map(({ identity, bucket, actions }) => ({
      severity: "warning",
      title: "rights: tries disagree with the policies",
      cure: "compare the identity's policies with the server's answer; bucketworks verify names each try",
      places: [
        {
          label: `${identity} in ${bucket}`,
          bucket: buckets.findIndex(({ name }) => name === bucket),
          expected: null,
          actual: actions.length === 0 ? "may nothing by its policies" : `may ${actions.join(", ")} by its policies`,
        },
      ],
    }));
}

/** Settings of buckets that were judged are told with those already. */
function ofDrift({ drift, buckets }: Report): Problem[] {
  const judged = new Set(buckets.filter(({ status }) => status !== "unknown").map(({ name }) => name));
  const findings = "findings" in drift ? drift.findings : [];
  return findings
    .filter(({ check, name }) => !(check === "bucket" && judged.has(name)))
    .map((finding) => ofFinding({ ...finding, check: `drift: ${finding.check}` }, null));
}

function ofReplication({ replication: found }: Report): Problem[] {
  const entries = "entries" in found ? found.entries : [];
  return entries
    .filter(({ answers, failed_objects: failed }) => !answers || failed > 0)
    .map(({ name, answers, failed_objects: failed }) => ({
      severity: "warning",
      title: "copies on another server are behind",
      cure: "mc replicate status ALIAS/BUCKET says why: the other server is away or full, or the key lost a right",
      places: [
        {
          label: name,
          bucket: null,
          expected: "every version arrives",
          actual: answers
            ? `${counted(failed, "try", "tries")} of the last hour failed`
            : "the other server doesn't answer",
        },
      ],
    }));
}

/** Of the servers whose log goes on. */
function ofDatabases({ database_backups: backups, generated_at }: Report): Problem[] {
  const entries = "entries" in backups ? backups.entries : [];
  return entries.flatMap(({ server, is_current, last_base_at, max_age_hours }): Problem[] => {
    const age = last_base_at === null ? null : Date.parse(generated_at) - Date.parse(last_base_at);
    if (!is_current || (age !== null && age <= max_age_hours * 3_600_000)) return [];
    return [
      {
        severity: age === null ? "critical" : "warning",
        title: age === null ? "base backup was never made" : "base backup is too old",
        cure: "bucketworks database backup makes one; on Kubernetes look why the scheduled job doesn't",
        places: [
          {
            label: server,
            bucket: null,
            expected: `${counted(max_age_hours, "hour")} old at most`,
            actual: age === null ? "none" : `${spanWords(age)} old`,
          },
        ],
      },
    ];
  });
}

function ofBackups({ backups, generated_at }: Report): Problem[] {
  const entries = "entries" in backups ? backups.entries : [];
  return entries.flatMap(({ name, last_at, max_age_hours, drill, max_drill_age_days, drill_overdue: isOverdue }) => {
    const age = last_at === null ? null : Date.parse(generated_at) - Date.parse(last_at);
    const failed: Problem[] =
      drill?.passed === false
        ? [
            {
              severity: "critical",
              title: "what was restored isn't what was backed up",
              cure: "bucketworks backup verify --bucket NAME --read says which objects and manifests are wrong",
              places: [{ label: name, bucket: null, expected: null, actual: drill.failure ?? "the drill failed" }],
            },
          ]
        : [];
    const overdue: Problem[] = isOverdue
      ? [
          {
            severity: "warning",
            title: "no restore was tried for long",
            cure: "run bucketworks backup drill, and see why its scheduled job doesn't",
            places: [
              {
                label: name,
                bucket: null,
                expected: `within ${counted(max_drill_age_days, "day")}`,
                actual: drill === null ? "never" : `last at ${drill.at}`,
              },
            ],
          },
        ]
      : [];
    if (age !== null && age <= max_age_hours * 3_600_000) return [...failed, ...overdue];
    return [
      ...failed,
      ...overdue,
      {
        severity: age === null ? "critical" : "warning",
        title: age === null ? "backup was never made" : "backup is too old",
        cure: "run the backup and read its log",
        places: [
          {
            label: name,
            bucket: null,
            expected: `${counted(max_age_hours, "hour")} old at most`,
            actual: age === null ? "none" : `${spanWords(age)} old`,
          },
        ],
      },
    ] satisfies Problem[];
  });
}

function ofAlerts({ alerts }: Report): Problem[] {
  const entries = "entries" in alerts ? alerts.entries : [];
  return entries.map(({ name, severity, platform, summary }) => ({
    severity: severity === "critical" ? "critical" : "warning",
    title: `alert ${name} fires`,
    cure: "its runbook says what to do",
    places: [{ label: platform ?? "whole server", bucket: null, expected: null, actual: summary }],
  }));
}
