import type { Bucket, ResolvedModel } from "../../config/model.ts";
import type { Look } from "../../live/live-server.ts";
import { listObjects } from "../../live/read-objects.ts";
import { type ServerUsage, serverUsage, serverVersion } from "../../live/read-usage.ts";
import { type Reader, type ReaderOptions, withReader } from "../../live/reader.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import { rulesByTags, Tally } from "../../report/contents.ts";
import { type Contents, NO_CONTENTS } from "../../report/parts.ts";
import type { Report } from "../../report/schema.ts";
import { suggestions } from "../../report/suggestions.ts";
import { counted } from "../terminal/print.ts";

/** Buckets that are listed at the same time: each holds a page. */
const AT_ONCE = 4;
/** How many times the limit of a bucket all of them may have together. */
const TOGETHER = 20;
/** Older counts of the server say little. */
const OLDEST_COUNT_HOURS = 24;
const HOUR_MS = 60 * 60 * 1000;

export interface ContentsOptions extends Pick<ReaderOptions, "onProgress"> {
  /** Whether objects are listed. */
  readonly listing: boolean;
  /** Most versions that are listed of one bucket. */
  readonly maxObjects: number;
  readonly now: Date;
  /** Buckets that aren't there. */
  readonly without: ReadonlySet<string>;
}

export interface ContentsSeen {
  readonly contents: ReadonlyMap<string, Contents>;
  readonly version: Pick<Report["server"], "kind" | "version">;
  readonly notLooked: Report["not_looked"];
}

/**
 * What is in the buckets of a model: by the server's own count, and by a listing where one is wanted.
 * @throws ReadError when the server as a whole can't be looked at
 */
export function readContents(
  { platforms }: ResolvedModel,
  server: ServerAddress,
  options: ContentsOptions,
): Promise<ContentsSeen> {
  const buckets = platforms.flatMap((platform) => platform.buckets).filter(({ name }) => !options.without.has(name));
  return withReader(server, options, async (reader) => {
    const version = await reader.look(() => serverVersion(reader));
    const usage = await reader.look(() => serverUsage(reader));
    const counts = "value" in usage ? recent(usage.value, options.now) : null;
    const budget = { left: options.maxObjects * TOGETHER };
    const looks = options.listing
      ? await reader.lookAtEach(buckets, (bucket) => listed(reader, bucket, { ...options, budget }), {
          atOnce: AT_ONCE,
        })
      : [];
    const contents = new Map(buckets.map((bucket, index) => [bucket.name, together(bucket, counts, looks[index])]));
    const unlisted = buckets.filter((_, index) => isLeftOut(looks[index]));
    return {
      contents,
      version: "value" in version ? version.value : { kind: null, version: null },
      notLooked: [
        ...("reason" in version ? [{ what: "the server's version", reason: version.reason }] : []),
        ...uncounted(usage, counts, options.listing),
        ...failures(buckets, looks),
        ...(unlisted.length > 0 ? [{ what: "contents", reason: spent(unlisted, options) }] : []),
        ...buckets.flatMap((bucket) => byTags(bucket, options.listing)),
      ],
    };
  });
}

type Listed = Omit<Contents, "usage"> & { readonly usage: NonNullable<Contents["usage"]> };

/** @returns null where nothing may be listed any more @throws ReadError */
async function listed(
  reader: Reader,
  bucket: Bucket,
  { maxObjects, now, budget }: ContentsOptions & { readonly budget: { left: number } },
): Promise<Listed | null> {
  const limit = Math.min(maxObjects, budget.left);
  if (limit <= 0) return null;
  budget.left -= limit;
  const tally = new Tally(bucket, now);
  let listedSoFar = 0;
  const { entries, complete, versions } = await listObjects(reader, {
    ...{ bucket: bucket.name, versions: bucket.versioning, limit },
    onEntry: (entry) => {
      listedSoFar++;
      tally.add(entry);
    },
  }).finally(() => {
    // also where it can't be listed: others mustn't go short for it
    budget.left += limit - listedSoFar;
  });
  const found = tally.result();
  const { bytes, objects, prefixes, ages, expires } = found;
  const counted = bucket.versioning && !versions ? null : found.versions;
  return {
    usage: { bytes, objects, versions: counted, source: "listing", at: now.toISOString(), complete },
    ...{ prefixes, ages, expires },
    suggestions: suggestions(bucket, found, complete),
    listed: { objects: entries, complete },
  };
}

/** A whole listing is exact; else the server's count is, as of its time; a listing that ended at its limit is the last. */
function together(bucket: Bucket, counts: ServerUsage | null, look: Look<Listed | null> | undefined): Contents {
  const listing = look !== undefined && "value" in look ? look.value : null;
  const isWhole = listing?.listed?.complete === true && listing.usage.versions !== null;
  const count = counts?.buckets.get(bucket.name);
  const server = count && counts ? ({ ...count, source: "server", at: counts.at, complete: true } as const) : null;
  const usage = isWhole ? listing.usage : (server ?? listing?.usage ?? null);
  return { ...(listing ?? NO_CONTENTS), usage };
}

function recent(usage: ServerUsage | null, now: Date): ServerUsage | null {
  return usage !== null && now.getTime() - Date.parse(usage.at) < OLDEST_COUNT_HOURS * HOUR_MS ? usage : null;
}

function uncounted(
  usage: Look<ServerUsage | null>,
  counts: ServerUsage | null,
  listing: boolean,
): Report["not_looked"] {
  const instead = listing ? "; sizes are of listings" : "";
  if ("reason" in usage) return [{ what: "sizes by the server's count", reason: `${usage.reason}${instead}` }];
  if (counts !== null) return [];
  const why = usage.value === null ? "the server hasn't counted yet" : `its last count is of ${usage.value.at}`;
  return [{ what: "sizes by the server's count", reason: `${why}${instead}` }];
}

/** One line a reason. */
function failures(buckets: readonly Bucket[], looks: readonly Look<unknown>[]): Report["not_looked"] {
  const byReason = new Map<string, string[]>();
  for (const [index, look] of looks.entries()) {
    if ("value" in look) continue;
    const name = buckets[index]?.name ?? "";
    const reason = look.reason.replace(` objects of ${name} `, " objects ");
    byReason.set(reason, [...(byReason.get(reason) ?? []), name]);
  }
  return [...byReason].map(([reason, names]) => ({ what: `contents of ${shortened(names)}`, reason }));
}

function shortened(names: readonly string[]): string {
  const [shown, more] = [names.slice(0, 5).join(", "), names.length - 5];
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** True where the limit of all buckets was used up before. */
function isLeftOut(look: Look<Listed | null> | undefined): boolean {
  return look !== undefined && "value" in look && look.value === null;
}

function spent(unlisted: readonly Bucket[], { maxObjects }: ContentsOptions): string {
  return `${counted(unlisted.length, "bucket")} not listed after ${maxObjects * TOGETHER} objects of others; --max-objects raises that`;
}

function byTags(bucket: Bucket, listing: boolean): Report["not_looked"] {
  const rules = listing ? rulesByTags(bucket) : [];
  if (rules.length === 0) return [];
  const reason = `rules ${rules.join(", ")} go by tags, which a listing doesn't tell: what they end isn't counted`;
  return [{ what: `what expires in ${bucket.name}`, reason }];
}
