import { accessPolicy } from "../../../builders/access-policy.ts";

/** Days after which objects expire; the bench changes one bucket's to the second. */
const DAYS = { first: 90, changed: 30 };

/** What every tool makes: a bucket, its versioning, one rule of expiry, and one IAM policy. */
export interface Wanted {
  readonly bucket: string;
  readonly expireDays: number;
  readonly policy: string;
  /** The IAM document, the same to the letter for every tool. */
  readonly document: string;
}

/** @param changed the first bucket expires earlier than it did */
export function wanted(count: number, prefix: string, changed = false): Wanted[] {
  return Array.from({ length: count }, (_, index) => {
    const bucket = `${prefix}-${index}`;
    const document = accessPolicy([{ role: "read_write", bucket, prefixes: [] }]);
    const expireDays = changed && index === 0 ? DAYS.changed : DAYS.first;
    return { bucket, expireDays, policy: `${bucket}-rw`, document: JSON.stringify(document) };
  });
}

/** The same as a platform file. */
export function wantedFile(all: readonly Wanted[]): string {
  const buckets = all.map(({ bucket, expireDays }) => {
    const own = expireDays === DAYS.first ? "" : `, retention_days: ${expireDays}`;
    return `      - {name: ${bucket}, description: one of many${own}}`;
  });
  const policies = all.map(
    ({ bucket, policy }) => `    ${policy}: {name: ${policy}, grants: [{role: read_write, bucket: ${bucket}}]}`,
  );
  return `metadata: {version: v1, description: what the bench makes}
bucket_groups:
  all:
    description: buckets of the bench
    layer: raw
    retention_days: ${DAYS.first}
    versioning: true
    noncurrent_days: forever
    on_delete: delete_if_empty
    buckets:
${buckets.join("\n")}
access:
  policies:
${policies.join("\n")}
`;
}
