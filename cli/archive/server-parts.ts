import { z } from "zod";
import { adminAnswer } from "../../provider/server/admin.ts";
import type { Connection } from "../../provider/server/connection.ts";
import { isFilled } from "../server-contents.ts";
import type { Archive } from "./archive.ts";

/** Everything of a server but its objects, as MinIO itself exports it. It holds secrets in plaintext. */
export async function exportedParts(server: Connection): Promise<Pick<Archive, "identities" | "buckets">> {
  const [identities, buckets] = await Promise.all([
    adminAnswer(server, "GET", "export-iam", {}),
    adminAnswer(server, "GET", "export-bucket-metadata", {}),
  ]);
  return { identities: identities.bytes, buckets: buckets.bytes };
}

const failures = z.array(z.looseObject({ name: z.string().optional() })).optional();
const importedIdentities = z.looseObject({ failed: z.record(z.string(), failures).optional() });
const importedBuckets = z.looseObject({ buckets: z.record(z.string(), z.record(z.string(), z.unknown())).optional() });

/**
 * Gives a server what an archive holds: identities first, whose names policies of buckets may have. What is there already is
 * made what the archive says.
 * @returns what the server didn't take, a sentence each
 */
export async function importParts(server: Connection, { identities, buckets }: Archive): Promise<string[]> {
  const first = await adminAnswer(server, "PUT", "import-iam-v2", {}, identities);
  const second = await adminAnswer(server, "PUT", "import-bucket-metadata", {}, buckets);
  const { failed = {} } = importedIdentities.parse(JSON.parse(first.text));
  const { buckets: states = {} } = importedBuckets.parse(JSON.parse(second.text));
  return [
    ...Object.entries(failed).flatMap(([kind, each = []]) => each.map(({ name = "?" }) => `${kind}: ${name}`)),
    ...Object.entries(states).flatMap(([bucket, state]) => bucketFaults(bucket, state)),
  ];
}

function bucketFaults(bucket: string, state: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(state).flatMap(([part, value]) => {
    if (part === "error") return value === "" ? [] : [`bucket ${bucket}: ${String(value)}`];
    const { error } = (value ?? {}) as { readonly error?: string };
    return error ? [`bucket ${bucket}, ${part}: ${error}`] : [];
  });
}

/** The first bucket that holds a version or a delete marker; undefined where all are empty. */
export async function firstFilled(server: Connection, buckets: readonly string[]): Promise<string | undefined> {
  for (const bucket of buckets) if (await isFilled(server.s3, bucket, server.signal)) return bucket;
  return undefined;
}
