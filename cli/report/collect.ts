import { DatabaseFault } from "../../database/fault.ts";
import type { History } from "../../history/history.ts";
import { ReadError } from "../../live/read-error.ts";
import { urlOf } from "../../live/server-address.ts";
import type { Parts, Verified } from "../../report/parts.ts";
import { reportOf } from "../../report/report.ts";
import type { Report, RunSummary } from "../../report/schema.ts";
import { shownRuns } from "../../report/trend.ts";
import { checkoutAt } from "../checkout.ts";
import { lastDrills } from "../database/kept-drills.ts";
import { hasStackFile, readStackFile } from "../stack-file.ts";
import { isOwnServer } from "../target/own-server.ts";
import type { Target } from "../target/target.ts";
import { Answers } from "../verify/answers.ts";
import type { StackAt } from "../verify/identities.ts";
import { lookAtStage } from "../verify/look.ts";
import { accessAndDrift } from "./access-and-drift.ts";
import { alertmanagerUrl, firingAlerts } from "./alerts.ts";
import { backupsSeen, type Drills } from "./backups.ts";
import { type ContentsSeen, readContents } from "./contents.ts";
import { databaseBackupsSeen } from "./database-backups.ts";
import { type Depth, MAX_OBJECTS } from "./depth.ts";
import { replicationSeen } from "./replication.ts";
import { triedBuckets } from "./tried-buckets.ts";

/** Earlier runs that are read for the trend: five weeks of a monitor that looks every five minutes. */
const TREND = 10_000;

export interface CollectOptions {
  readonly depth: Depth;
  readonly stack: StackAt;
  /** Whether the key of each identity is tried; the stack's outputs hold them. */
  readonly identities: boolean;
  /** True where some of the stage's platforms were named. @default false */
  readonly somePlatforms?: boolean;
  /** Most versions that are listed of one bucket. @default MAX_OBJECTS */
  readonly maxObjects?: number;
  /** Where earlier runs are; this one isn't added. */
  readonly history?: Pick<History, "last"> | undefined;
  /** The last drills of backups. @default none is known */
  readonly drills?: Drills | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** What `verify` has found already, and how long the answers took. */
  readonly verified?: { readonly found: Verified; readonly answers: ReadonlyMap<string, readonly number[]> };
}

/**
 * Looks at a stage's server and makes the report of it. What can't be looked at stands in the report with the reason: where
 * the whole server is away, every bucket is unknown. Writes nothing; who keeps runs adds `runSummaryOf(report)`.
 */
export async function collectReport(target: Target, options: CollectOptions): Promise<Report> {
  const { model, server } = target;
  const { stack, somePlatforms = false, onProgress } = options;
  const began = new Date();
  const { found, answers } = options.verified ?? (await lookedAt(target, options));
  const inside = await contentsSeen(target, found, began, options);
  const whole = await accessAndDrift(target, { stack, verified: found, somePlatforms, onProgress });
  const of = { stage: model.stage, server: urlOf(server) };
  const trend = await earlierRuns(options.history, of);
  const isLocal = isOwnServer(server, stack.root);
  const parts: Omit<Parts, "ended"> = {
    began,
    stage: model.stage,
    stack: stack.name,
    platforms: model.platforms,
    server: { url: urlOf(server), ...inside.version },
    verified: found,
    tried: triedBuckets(model, found),
    answers,
    contents: inside.contents,
    ...{
      access: whole.access,
      drift: whole.drift,
      backups: await backupsOf(target, stack, options.drills, trend.runs[0]?.at),
      database_backups: await databaseBackupsOf(target, stack),
      replication: await replicationSeen(model, server),
    },
    alerts: await firingAlerts(alertmanagerUrl(stack.root, isLocal, stack.env)),
    not_looked: [...inside.notLooked, ...whole.notLooked],
  };
  const { not_looked: notLooked } = parts;
  return reportOf({ ...parts, not_looked: [...notLooked, ...trend.notLooked], ended: new Date() }, trend.runs);
}

async function earlierRuns(
  history: CollectOptions["history"],
  of: Pick<RunSummary, "stage" | "server">,
): Promise<{ readonly runs: readonly RunSummary[]; readonly notLooked: Report["not_looked"] }> {
  try {
    return { runs: shownRuns((await history?.last(of, TREND)) ?? []), notLooked: [] };
  } catch (error) {
    if (!(error instanceof DatabaseFault)) throw error;
    return { runs: [], notLooked: [{ what: "trend", reason: error.message }] };
  }
}

async function contentsSeen(
  { model, server }: Target,
  { findings }: Verified,
  now: Date,
  { depth, maxObjects = MAX_OBJECTS, onProgress }: CollectOptions,
): Promise<ContentsSeen> {
  const without = new Set(findings.filter(({ setting }) => setting === "bucket").map(({ bucket }) => bucket));
  try {
    return await readContents(model, server, { listing: depth === "usage", maxObjects, now, without, onProgress });
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    const notLooked = [{ what: "contents", reason: error.message }];
    return { contents: new Map(), version: { kind: null, version: null }, notLooked };
  }
}

async function backupsOf(
  { model, server, remotes }: Target,
  { name }: StackAt,
  drills: Drills | undefined,
  since: string | undefined,
): Promise<Report["backups"]> {
  // No stack is known where the command line names the server.
  const named = remotes === undefined ? urlOf(server) : undefined;
  const seen = await backupsSeen(model, server, { drills, since, stage: name, server: named });
  return seen ?? { reason: "no platform has a backup of buckets" };
}

/** Of what a platform's file asks for; of what an operator keeps it is said who does. */
async function databaseBackupsOf(
  { model, server }: Target,
  { root, name }: StackAt,
): Promise<Report["database_backups"]> {
  const bucket = hasStackFile(root, name) ? readStackFile(root, name).postgresBackups : undefined;
  if (bucket !== undefined) {
    return {
      reason: `PostgreSQL's operator keeps backups of the databases in ${bucket}, and their age isn't looked at`,
    };
  }
  const drills = lastDrills(checkoutAt(root));
  const seen = await databaseBackupsSeen(model, server, (place) => drills.get(place));
  return seen ?? { reason: "no platform has its databases backed up" };
}

type Looked = NonNullable<CollectOptions["verified"]>;

async function lookedAt(target: Target, options: CollectOptions): Promise<Looked> {
  const answers = new Answers();
  try {
    const found = await lookAtStage(target, { ...options, onAnswer: answers.onAnswer });
    return { found, answers: answers.milliseconds() };
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    return { found: nothingLookedAt(target, error.message), answers: new Map() };
  }
}

function nothingLookedAt({ model, server }: Target, reason: string): Verified {
  const buckets = model.platforms.flatMap((platform) => platform.buckets);
  const notRead = buckets.map(({ name, platform }) => ({ bucket: name, platform, reason }));
  const forged = { tries: 0, findings: [], untried: [], notTried: [{ hole: null, reason }], left: [] };
  const of = { stage: model.stage, server: urlOf(server), buckets: buckets.length };
  return { ...of, findings: [], notRead, waiting: [], identities: null, forged };
}
