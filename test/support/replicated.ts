import type { S3 } from "@aws-sdk/client-s3";

/** Keys, versions and delete markers of a bucket, in one order. */
export async function versionsOf(client: S3, Bucket: string): Promise<string[]> {
  const { Versions = [], DeleteMarkers = [] } = await client.listObjectVersions({ Bucket });
  const all = [
    ...Versions.map((each) => ({ ...each, what: "object" })),
    ...DeleteMarkers.map((each) => ({ ...each, what: "marker" })),
  ];
  return all.map(({ Key, VersionId, what }) => `${what} ${Key} ${VersionId}`).sort();
}

/** Whether a bucket has all of these, as `versionsOf` tells them. */
export async function hasAll(client: S3, bucket: string, versions: readonly string[]): Promise<boolean> {
  const there = new Set(await versionsOf(client, bucket));
  return versions.every((each) => there.has(each));
}

/** The first target that rules lead to, as `mc replicate ls --json` prints them. */
export const arnIn = (rules: string) => /arn:minio:replication:[^"]*/.exec(rules)?.[0] ?? "";

/** Waits, as long as a test may take. */
export async function until(what: () => Promise<boolean>): Promise<void> {
  while (!(await what())) await new Promise((resolve) => setTimeout(resolve, 200));
}
