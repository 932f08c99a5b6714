import type { ResolvedModel } from "../config/model.ts";
import type { Needs } from "../provider/needs.ts";

/** What a model asks of the server itself. */
export function needsOf({ platforms }: ResolvedModel): Needs {
  const buckets = platforms.flatMap((platform) => platform.buckets);
  const names = (which: (typeof buckets)[number][]): string[] => which.map(({ name }) => name);
  const keys: Record<string, string[]> = {};
  for (const { name, encryption } of buckets) {
    if (encryption.type === "sse-kms") keys[encryption.key] = [...(keys[encryption.key] ?? []), name];
  }
  return {
    defaultKey: names(buckets.filter(({ encryption }) => encryption.type === "sse-s3")),
    keys,
    versions: names(buckets.filter(({ versioning, objectLock }) => versioning || objectLock !== null)),
    quotas: names(buckets.filter(({ quotaBytes }) => quotaBytes !== null)),
    identities: hasIdentities({ platforms }),
  };
}

/** Whether a platform of the model has identities. */
export function hasIdentities({ platforms }: Pick<ResolvedModel, "platforms">): boolean {
  return platforms.some(({ access }) => Object.values(access).some((each) => each.length > 0));
}
