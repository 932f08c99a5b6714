import { lifecycleRules } from "../builders/lifecycle-document.ts";
import type { Bucket } from "../config/model.ts";
import type { ListedVersion } from "../live/read-objects.ts";
import type { LifecycleRule } from "../provider/bucket-types.ts";
import type { ReportBucket } from "./schema.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** Ends of the classes of ages, in days; the last class has none. */
const AGES = [1, 7, 30, 90, 180, 365] as const;
const WITHIN_DAYS = [1, 7, 30, 90] as const;
const LARGEST = 10;

interface Sum {
  bytes: number;
  objects: number;
}

export interface Tallied extends Pick<ReportBucket, "prefixes" | "ages" | "expires"> {
  /** Of all versions. */
  readonly bytes: number;
  /** Current versions. */
  readonly objects: number;
  readonly versions: number;
  /** Former versions, which nobody sees in a plain listing. */
  readonly former: Readonly<Sum>;
}

/** Counts what a listing gives it, entry by entry, and keeps none: a bucket of any size takes the same memory. */
export class Tally {
  readonly #now: number;
  readonly #rules: readonly LifecycleRule[];
  readonly #ages: Sum[] = [...AGES, null].map(() => ({ bytes: 0, objects: 0 }));
  readonly #expires: Sum[] = WITHIN_DAYS.map(() => ({ bytes: 0, objects: 0 }));
  readonly #current: Sum = { bytes: 0, objects: 0 };
  readonly #former: Sum = { bytes: 0, objects: 0 };
  #largest: (Sum & { readonly prefix: string })[] = [];
  #prefix: (Sum & { readonly prefix: string }) | undefined;
  /** Of keys without a slash, which stand between prefixes. */
  readonly #root = { prefix: "", bytes: 0, objects: 0 };
  /** How many former versions of the key at hand came before, the newest first. */
  #newer = { key: "", count: 0 };

  constructor(bucket: Bucket, now: Date) {
    this.#now = now.getTime();
    this.#rules = lifecycleRules(bucket).filter(({ Status, Filter }) => Status === "Enabled" && !Filter.Tags);
  }

  /** In the order of keys, the newest version of a key first. */
  add(entry: ListedVersion): void {
    if (entry.isMarker) return;
    const isCurrent = entry.supersededAt === null;
    count(isCurrent ? this.#current : this.#former, entry.bytes);
    count(this.#at(entry.key), entry.bytes, isCurrent ? 1 : 0);
    if (isCurrent) count(this.#ages[this.#classOf(entry)] as Sum, entry.bytes);
    const ends = isCurrent ? this.#endOfCurrent(entry) : this.#endOfFormer(entry);
    for (const [index, days] of WITHIN_DAYS.entries()) {
      if (ends <= this.#now + days * DAY_MS) count(this.#expires[index] as Sum, entry.bytes);
    }
  }

  result(): Tallied {
    this.#keepLargest();
    return {
      bytes: this.#current.bytes + this.#former.bytes,
      objects: this.#current.objects,
      versions: this.#current.objects + this.#former.objects,
      former: { ...this.#former },
      prefixes: largest([...this.#largest, ...(this.#root.bytes + this.#root.objects > 0 ? [this.#root] : [])]),
      ages: this.#ages.map((sum, index) => ({
        from_days: AGES[index - 1] ?? 0,
        to_days: AGES[index] ?? null,
        ...sum,
      })),
      expires: this.#expires.map((sum, index) => ({ within_days: WITHIN_DAYS[index] as number, ...sum })),
    };
  }

  /** Keys with the same prefix follow one another: one sum at a time is enough, and the largest so far. */
  #at(key: string): Sum {
    const prefix = key.slice(0, key.indexOf("/") + 1);
    if (prefix === "") return this.#root;
    if (this.#prefix?.prefix === prefix) return this.#prefix;
    this.#keepLargest();
    this.#prefix = { prefix, bytes: 0, objects: 0 };
    return this.#prefix;
  }

  #keepLargest(): void {
    if (this.#prefix !== undefined) this.#largest = largest([...this.#largest, this.#prefix]);
    this.#prefix = undefined;
  }

  #classOf({ modified }: ListedVersion): number {
    const days = (this.#now - modified) / DAY_MS;
    const index = AGES.findIndex((end) => days < end);
    return index < 0 ? AGES.length : index;
  }

  #endOfCurrent({ key, modified }: ListedVersion): number {
    const days = this.#rules.flatMap(({ Filter, Expiration }) =>
      key.startsWith(Filter.Prefix ?? "") && Expiration?.Days !== undefined ? [Expiration.Days] : [],
    );
    return days.length === 0 ? Number.POSITIVE_INFINITY : endOf(modified, Math.min(...days));
  }

  #endOfFormer({ key, supersededAt }: ListedVersion): number {
    this.#newer = this.#newer.key === key ? { key, count: this.#newer.count + 1 } : { key, count: 0 };
    const ends = this.#rules.flatMap(({ Filter, NoncurrentVersionExpiration: rule }) => {
      if (rule === undefined || !key.startsWith(Filter.Prefix ?? "")) return [];
      if (this.#newer.count < (rule.NewerNoncurrentVersions ?? 0)) return [];
      return [endOf(supersededAt ?? this.#now, rule.NoncurrentDays ?? 0)];
    });
    return Math.min(Number.POSITIVE_INFINITY, ...ends);
  }
}

function largest<S extends Sum & { readonly prefix: string }>(sums: readonly S[]): S[] {
  return sums.toSorted((a, b) => b.bytes - a.bytes || (a.prefix < b.prefix ? -1 : 1)).slice(0, LARGEST);
}

/** As S3 counts: so many whole days after the day, at midnight UTC. */
function endOf(from: number, days: number): number {
  return Math.floor((from + (days + 1) * DAY_MS) / DAY_MS) * DAY_MS;
}

function count(sum: Sum, bytes: number, objects = 1): void {
  sum.bytes += bytes;
  sum.objects += objects;
}

/** Rules that no listing can foretell: they go by tags. */
export function rulesByTags(bucket: Bucket): string[] {
  return lifecycleRules(bucket).flatMap(({ ID, Status, Filter }) => (Status === "Enabled" && Filter.Tags ? [ID] : []));
}
