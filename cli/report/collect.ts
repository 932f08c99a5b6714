import type { History } from "../../history/history.ts";
import { ReadError } from "../../live/read-error.ts";
import { urlOf } from "../../live/server-address.ts";
import type { Parts, Verified } from "../../report/parts.ts";
import { reportOf } from "../../report/report.ts";
import type { Report } from "../../report/schema.ts";
import type { Target } from "../target/target.ts";
import type { StackAt } from "../verify/identities.ts";
import { lookAtStage } from "../verify/look.ts";
import { triedBuckets } from "./tried-buckets.ts";

/** Earlier runs that a report shows. */
const TREND = 200;

/** `health`: no object is listed; `usage`: ages, prefixes and what expires, too. */
export type Depth = "health" | "usage";

export interface CollectOptions {
  readonly depth: Depth;
  readonly stack: StackAt;
  /** Whether the key of each identity is tried; the stack's outputs hold them. */
  readonly identities: boolean;
  /** Where earlier runs are; this one isn't added. */
  readonly history?: Pick<History, "last"> | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** What `verify` has found already, and how long the answers took. */
  readonly verified?: { readonly found: Verified; readonly answers: ReadonlyMap<string, readonly number[]> };
}

/**
 * Looks at a stage's server and makes the report of it. What can't be looked at stands in the report with the reason: where
 * the whole server is away, every bucket is unknown. Writes nothing; whoever keeps runs adds `runSummaryOf(report)`.
 */
export async function collectReport(target: Target, options: CollectOptions): Promise<Report> {
  const { model, server } = target;
  const began = new Date();
  const { found, answers } = options.verified ?? (await lookedAt(target, options));
  const notYet = { reason: "not looked at by this version" };
  const parts: Omit<Parts, "ended"> = {
    began,
    stage: model.stage,
    stack: options.stack.name,
    platforms: model.platforms,
    server: { url: urlOf(server), kind: null, version: null },
    verified: found,
    tried: triedBuckets(model, found),
    answers,
    contents: new Map(),
    ...{ access: notYet, drift: notYet, backups: notYet, alerts: notYet, not_looked: [] },
  };
  const of = { stage: model.stage, server: urlOf(server) };
  const earlier = (await options.history?.last(of, TREND)) ?? [];
  return reportOf({ ...parts, ended: new Date() }, earlier);
}

type Looked = NonNullable<CollectOptions["verified"]>;

async function lookedAt(target: Target, options: CollectOptions): Promise<Looked> {
  const answers = new Map<string, number[]>();
  const onAnswer = (bucket: string, { milliseconds }: { milliseconds: number }): void => {
    const known = answers.get(bucket);
    if (known === undefined) answers.set(bucket, [milliseconds]);
    else known.push(milliseconds);
  };
  try {
    return { found: await lookAtStage(target, { ...options, onAnswer }), answers };
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    return { found: nothingLookedAt(target, error.message), answers };
  }
}

function nothingLookedAt({ model, server }: Target, reason: string): Verified {
  const buckets = model.platforms.flatMap((platform) => platform.buckets);
  const notRead = buckets.map(({ name, platform }) => ({ bucket: name, platform, reason }));
  const forged = { tries: 0, findings: [], untried: [], notTried: [{ hole: null, reason }], left: [] };
  const of = { stage: model.stage, server: urlOf(server), buckets: buckets.length };
  return { ...of, findings: [], notRead, waiting: [], identities: null, forged };
}
