import { replicationRules } from "../builders/replication-rules.ts";
import type { Bucket } from "../config/model.ts";
import type { Remotes } from "../config/stack/remotes.ts";
import type { Difference } from "./compare-settings.ts";
import type { LiveReplication, LiveTarget } from "./live-server.ts";

/**
 * Where a bucket that its spec has copied isn't copied as it says; nothing for a bucket of which no spec says anything.
 * @param targets of the server; of all buckets
 */
export function compareReplication(
  bucket: Bucket,
  remotes: Remotes,
  held: readonly LiveReplication[],
  targets: readonly LiveTarget[],
): Difference[] {
  const wanted = replicationRules(bucket, remotes);
  if (wanted.length === 0) return [];
  const own = targets.filter((target) => target.bucket === bucket.name);
  const live = held.map((rule) => ({ ...rule, to: placeOf(rule, own) }));
  const found: Difference[] = [];
  for (const rule of wanted) {
    const path = `replication.${rule.ID}`;
    const expected = comparable({
      ...rule,
      rule: rule.ID,
      prefix: rule.prefix ?? "",
      to: `${rule.endpoint}/${rule.bucket}`,
      beyond: [],
    });
    const there = live.find((each) => each.rule === rule.ID);
    if (there === undefined) {
      found.push({ setting: "replication", path, expected: words(expected), actual: null });
      continue;
    }
    const actual = comparable(there);
    for (const key of Object.keys(expected) as (keyof typeof expected)[]) {
      if (expected[key] === actual[key]) continue;
      found.push({ setting: "replication", path: `${path}.${key}`, expected: expected[key], actual: actual[key] });
    }
  }
  for (const rule of live.filter((each) => !wanted.some(({ ID }) => ID === each.rule))) {
    const path = `replication.${rule.rule || rule.priority}`;
    found.push({ setting: "replication", path, expected: null, actual: words(comparable(rule)) });
  }
  return found;
}

type Compared = Omit<LiveReplication, "destination"> & { readonly to: string };

/** By the words of the spec. */
function comparable({
  enabled,
  to,
  prefix,
  priority,
  deleteMarkers,
  deleteVersions,
  existingObjects,
  beyond,
}: Compared) {
  return {
    enabled,
    to,
    prefix,
    priority,
    delete_markers: deleteMarkers,
    delete_versions: deleteVersions,
    existing_objects: existingObjects,
    besides: beyond.join(", "),
  };
}

/** Where a rule leads: by its target, else the ARN of one that is gone. */
function placeOf({ destination }: LiveReplication, targets: readonly LiveTarget[]): string {
  const target = targets.find(({ arn }) => arn === destination);
  return target === undefined ? destination : targetPlace(target);
}

/** `https://HOST:PORT/bucket`, as the place of a rule that a spec asks for; a port that goes without saying isn't said. */
export function targetPlace({ secure, endpoint, targetBucket }: LiveTarget): string {
  const url = `${secure ? "https" : "http"}://${endpoint}`;
  return `${URL.canParse(url) ? new URL(url).origin : url}/${targetBucket}`;
}

function words({ enabled, to, prefix, priority, ...flags }: ReturnType<typeof comparable>): string {
  const { besides, ...switches } = flags;
  const on = Object.entries(switches).flatMap(([name, value]) => (value ? [name] : []));
  return [
    `${enabled ? "" : "disabled, "}to ${to}`,
    ...(prefix === "" ? [] : [`of ${prefix}`]),
    `priority ${priority}`,
    ...on,
    ...(besides === "" ? [] : [besides]),
  ].join(", ");
}
