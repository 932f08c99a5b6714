import type { HeadObjectCommandOutput } from "@aws-sdk/client-s3";
import type { Connection } from "../../provider/server/connection.ts";
import { lightRequest } from "./light.ts";

/** What is read of a version: those fields of the SDK's answer that a backup records. */
export type Head = Omit<HeadObjectCommandOutput, "$metadata">;

/** @param version the current one where it is absent */
export async function headOf(
  server: Connection,
  { bucket, key, version }: { readonly bucket: string; readonly key: string; readonly version?: string | undefined },
): Promise<Head> {
  const { headers } = await lightRequest(server, "HeadObject", {
    method: "HEAD",
    path: `/${bucket}/${key}`,
    query: version === undefined ? {} : { versionId: version },
    headers: { "x-amz-checksum-mode": "ENABLED" },
  });
  return headIn(headers);
}

const TEXTS = {
  ...{ ETag: "etag", VersionId: "x-amz-version-id", CacheControl: "cache-control", ContentType: "content-type" },
  ...{ ContentDisposition: "content-disposition", ContentEncoding: "content-encoding", ExpiresString: "expires" },
  ...{ ContentLanguage: "content-language", ObjectLockMode: "x-amz-object-lock-mode" },
  ...{ ObjectLockLegalHoldStatus: "x-amz-object-lock-legal-hold", ChecksumType: "x-amz-checksum-type" },
  ...{ ChecksumCRC64NVME: "x-amz-checksum-crc64nvme", ChecksumSHA256: "x-amz-checksum-sha256" },
  ...{ ChecksumSHA1: "x-amz-checksum-sha1", ChecksumCRC32C: "x-amz-checksum-crc32c" },
  ...{ ChecksumCRC32: "x-amz-checksum-crc32" },
} as const satisfies Partial<Record<keyof Head, string>>;

const OWN = "x-amz-meta-";

function headIn(headers: Readonly<Record<string, string>>): Head {
  const texts = Object.entries(TEXTS).flatMap(([field, name]) => {
    const value = headers[name];
    return value === undefined ? [] : [[field, value] as const];
  });
  const own = Object.entries(headers).filter(([name]) => name.startsWith(OWN));
  const date = (name: string): Date | undefined => {
    const at = new Date(headers[name] ?? "");
    return Number.isNaN(at.getTime()) ? undefined : at;
  };
  return {
    ...(Object.fromEntries(texts) as Head),
    ContentLength: Number(headers["content-length"]),
    ...{ LastModified: date("last-modified"), Expires: date("expires") },
    ObjectLockRetainUntilDate: date("x-amz-object-lock-retain-until-date"),
    TagCount: Number(headers["x-amz-tagging-count"] ?? 0),
    Metadata: Object.fromEntries(own.map(([name, value]) => [name.slice(OWN.length), value])),
  };
}
