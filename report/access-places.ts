import { matchesAll } from "../live/covering.ts";
import type { Right } from "../live/rights.ts";

/** Something that people want to know of: may an identity do it? */
export interface Deed {
  readonly name: string;
  readonly action: string;
  readonly on: "bucket" | "objects";
  /** True where a right that is limited to requests without a version doesn't count. */
  readonly anyVersion?: true;
  /** A refusal of this takes it away, too. */
  readonly refusedBy?: string;
}

/** MinIO has no action for a former version: a request that names one is told apart by its condition (ADR 10). */
export const DEEDS: readonly Deed[] = [
  { name: "list", action: "s3:ListBucket", on: "bucket" },
  { name: "read", action: "s3:GetObject", on: "objects" },
  { name: "write", action: "s3:PutObject", on: "objects" },
  { name: "delete", action: "s3:DeleteObject", on: "objects" },
  { name: "read former versions", action: "s3:GetObject", on: "objects", anyVersion: true },
  {
    name: "delete former versions",
    action: "s3:DeleteObject",
    on: "objects",
    anyVersion: true,
    refusedBy: "s3:DeleteObjectVersion",
  },
  { name: "inspect", action: "s3:GetBucketPolicy", on: "bucket" },
  { name: "change its settings", action: "s3:PutBucketPolicy", on: "bucket" },
];

/** Key prefixes, sorted; the empty one is everywhere. */
export type Places = readonly string[];

const ARN = "arn:aws:s3:::";

/** Where in a bucket rights permit a deed: what another statement refuses without a condition is taken away. */
export function placesOf(rights: readonly Right[], deed: Deed, bucket: string): Places {
  const [allowed, refused] = [true, false].map((allow) => rights.filter((right) => right.allow === allow));
  const places = (allowed ?? [])
    .filter(({ action }) => action.pattern === undefined || matchesAll(action.pattern, deed.action))
    .flatMap((right) => placesOfRight(right, deed, bucket));
  const denied = (refused ?? []).filter(
    ({ action, when }) =>
      when === "" &&
      action.pattern !== undefined &&
      [deed.action, deed.refusedBy ?? deed.action].some((one) => matchesAll(action.pattern ?? "", one)),
  );
  return widest(
    places.filter((place) => !denied.some(({ resource }) => covers(resource.pattern, deed, bucket, place))),
  );
}

/** What both permit: a service account may no more than its user. */
export function inBoth(one: Places, other: Places): Places {
  return widest(one.flatMap((a) => other.flatMap((b) => (a.startsWith(b) ? [a] : b.startsWith(a) ? [b] : []))));
}

function placesOfRight({ resource, when }: Right, deed: Deed, bucket: string): string[] {
  const prefixes = when === "" ? [""] : limitedTo(when, deed);
  if (prefixes.length === 0) return [];
  const { pattern } = resource;
  // "all but" and what names nothing: an upper bound
  if (pattern === undefined) return prefixes;
  if (covers(pattern, deed, bucket, "")) return prefixes;
  const [, inBucket = "", key] = /^arn:aws:s3:::([^/]*)\/(.*)$/s.exec(pattern) ?? [];
  if (deed.on === "bucket" || key === undefined || !matchesAll(inBucket, bucket)) return [];
  return [key.replace(/[*?].*$/s, "")];
}

function covers(pattern: string | undefined, { on }: Deed, bucket: string, place: string): boolean {
  return pattern !== undefined && matchesAll(pattern, on === "bucket" ? ARN + bucket : `${ARN}${bucket}/${place}*`);
}

/** What a condition limits a right to. One that isn't understood may hold: what it permits counts. */
function limitedTo(when: string, { anyVersion }: Deed): string[] {
  const condition = JSON.parse(when) as Record<string, Record<string, unknown>>;
  if (condition.StringNotLike?.["s3:versionid"] !== undefined) return anyVersion ? [] : [""];
  const patterns = condition.StringLike?.["s3:prefix"] ?? condition.StringEquals?.["s3:prefix"];
  if (!Array.isArray(patterns)) return [""];
  return patterns.map((pattern) => String(pattern).replace(/[*?].*$/s, ""));
}

function widest(places: Places): Places {
  const sorted = [...new Set(places)].sort();
  return sorted.filter((place) => !sorted.some((other) => other !== place && place.startsWith(other)));
}
