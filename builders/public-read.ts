import { objectArn } from "../config/values/names.ts";
import type { PolicyDocument } from "../provider/bucket-types.ts";

/**
 * The bucket policy that lets anyone read objects below the given prefixes: get, not list.
 * @returns undefined where nothing is public; the bucket then has no policy, and that is enforced
 */
export function publicReadPolicy(bucket: string, prefixes: readonly string[]): PolicyDocument | undefined {
  if (prefixes.length === 0) return undefined;
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Action: ["s3:GetObject"],
        Effect: "Allow",
        Principal: { AWS: ["*"] },
        Resource: prefixes.map((prefix) => objectArn(bucket, `${prefix}*`)),
        Sid: "PublicRead",
      },
    ],
  };
}
