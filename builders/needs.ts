import type { ResolvedModel } from "../config/model.ts";
import type { Needs } from "../provider/needs.ts";

/**
 * What a model asks of the server itself.
 * @param given targets for notifications that the server is given by this very update: it needn't know them yet
 */
export function needsOf({ platforms }: ResolvedModel, given: readonly string[] = []): Needs {
  const buckets = platforms.flatMap((platform) => platform.buckets);
  const names = (which: (typeof buckets)[number][]): string[] => which.map(({ name }) => name);
  const keys: Record<string, string[]> = {};
  for (const { name, encryption } of buckets) {
    if (encryption.type === "sse-kms") keys[encryption.key] = [...(keys[encryption.key] ?? []), name];
  }
  const targets: Record<string, string[]> = {};
  for (const { name, notifications } of buckets)
    for (const target of new Set((notifications ?? []).map((each) => each.target)))
      if (!given.includes(target)) targets[target] = [...(targets[target] ?? []), name];
  return {
    defaultKey: names(buckets.filter(({ encryption }) => encryption.type === "sse-s3")),
    keys,
    versions: names(buckets.filter(({ versioning, objectLock }) => versioning || objectLock !== null)),
    quotas: names(buckets.filter(({ quotaBytes }) => quotaBytes !== null)),
    targets,
    identities: hasIdentities({ platforms }),
  };
}

/** Whether a platform of the model has identities. */
export function hasIdentities({ platforms }: Pick<ResolvedModel, "platforms">): boolean {
  return platforms.some(({ access }) => Object.values(access).some((each) => each.length > 0));
}
