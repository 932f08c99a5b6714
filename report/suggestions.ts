import type { Bucket } from "../config/model.ts";
import { readableBytes } from "../config/values/readable-bytes.ts";
import type { Tallied } from "./contents.ts";

/** Less than that isn't worth a rule. */
const WORTH_BYTES = 2 ** 20;
const WORTH_PERCENT = 10;
/** Days that are suggested for current versions, the longest first: it takes the least from anybody. */
const DAYS = [365, 180, 90, 30] as const;
const FORMER_DAYS = 30;

/**
 * What lifecycle rules would free that the bucket doesn't have, from the ages that were seen. Nothing for what object lock
 * keeps: a rule can't end it.
 * @param complete false where the listing ended at its limit: then it would free at least as much
 */
export function suggestions(bucket: Bucket, { ages, bytes, former }: Tallied, complete: boolean): string[] {
  if (bucket.objectLock !== null) return [];
  const least = complete ? "" : "at least ";
  const found: string[] = [];
  let freed = 0;
  for (const days of DAYS) {
    if (bucket.retentionDays !== null && bucket.retentionDays <= days) continue;
    const older = ages.filter(({ from_days: from }) => from >= days);
    const size = older.reduce((sum, each) => sum + each.bytes, 0);
    const objects = older.reduce((sum, each) => sum + each.objects, 0);
    if (!isWorth(size - freed, bytes)) continue;
    found.push(`expire_days ${days} would free ${least}${readableBytes(size)} (${objects} objects of that age)`);
    freed = size;
  }
  if (bucket.versioning && bucket.noncurrentDays === null && isWorth(former.bytes, bytes)) {
    const held = `${readableBytes(former.bytes)} in ${former.objects} former versions`;
    found.push(`noncurrent_days ${FORMER_DAYS} would end former versions that nobody uses: there are ${least}${held}`);
  }
  return found;
}

function isWorth(bytes: number, of: number): boolean {
  return bytes >= WORTH_BYTES && bytes * 100 >= of * WORTH_PERCENT;
}
