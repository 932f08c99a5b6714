import { createHash } from "node:crypto";
import type { S3 } from "@aws-sdk/client-s3";
import pMap from "p-map";

/** Current objects of a bucket with all that a program sees of them; of the content a digest. */
export async function contentsOf(s3: S3, Bucket: string): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  const { Contents = [] } = await s3.listObjectsV2({ Bucket });
  for (const { Key = "" } of Contents) {
    const { Body, Metadata, ContentType, ContentLength } = await s3.getObject({ Bucket, Key });
    const { TagSet } = await s3.getObjectTagging({ Bucket, Key });
    const content = createHash("sha256")
      .update((await Body?.transformToByteArray()) ?? "")
      .digest("hex");
    found[Key] = { content, Metadata, ContentType, ContentLength, TagSet };
  }
  return found;
}

/** Puts an object of 10 MiB and 3 bytes in three parts. */
export async function sendInParts(s3: S3, Bucket: string, Key: string): Promise<void> {
  const { UploadId } = await s3.createMultipartUpload({ Bucket, Key, ContentType: "text/parts" });
  const parts = [Buffer.alloc(5 * 1024 * 1024, "a"), Buffer.alloc(5 * 1024 * 1024, "b"), Buffer.from("end")];
  const Parts = await pMap(parts, async (Body, index) => {
    const { ETag } = await s3.uploadPart({ Bucket, Key, UploadId, PartNumber: index + 1, Body });
    return { ETag, PartNumber: index + 1 };
  });
  await s3.completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload: { Parts } });
}
