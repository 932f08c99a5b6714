/** What an operator does about what Barman said; first match. */
const CURES: readonly (readonly [RegExp, string])[] = [
  [
    /InvalidAccessKeyId|SignatureDoesNotMatch|AccessDenied|Access Denied|Forbidden|\(403\)/,
    "the store refuses the key; run make up, which hands over the current one, and bucketworks verify",
  ],
  [
    /Could not connect|Connection refused|ConnectTimeout|ReadTimeout|EndpointConnectionError|Connection was closed/,
    "the store doesn't answer; start it (make up), then run it again",
  ],
  [/NoSuchBucket|Bucket \S+ does not exist/, "the store has no such bucket; run make up"],
  [/SlowDown|ServiceUnavailable|\(503\)/, "the store is too busy; run it again"],
  [
    /QuotaExceeded|XMinioStorageFull|XMinioAdminBucketQuotaExceeded/,
    "the store is full; free some space or raise the bucket's quota",
  ],
  [/No space left on device/, "the disk here is full; free some space, then run it again"],
  [/Cannot connect to postgres/, "PostgreSQL doesn't answer; start it (make up), then run it again"],
];

/** One sentence of what Barman wrote to its errors: its own words shortened, then what to do. */
export function barmanSentence(work: string, code: number | null, said: string): string {
  const lines = said.split("\n").filter((line) => /ERROR|error|exception/i.test(line));
  const line = (lines.at(-1) ?? said.trim().split("\n").at(-1) ?? "").replace(/^.*?ERROR[: -]*/, "").trim();
  const cure = CURES.find(([pattern]) => pattern.test(said))?.[1] ?? "fix that, then run it again";
  const reason = line === "" ? `Barman ended with ${code ?? "a signal"}` : line;
  return `${work} failed: ${cure} (${reason})`;
}
