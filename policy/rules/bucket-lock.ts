import { cis } from "../frameworks.ts";
import { bucketRule } from "../rule.ts";

const DAYS_OF_A_YEAR = 365;

export const bucketLock = bucketRule({
  name: "bucket-lock",
  description: "object lock holds no object longer than the bucket's retention, which couldn't delete it then",
  severity: "medium",
  topic: "retention",
  framework: cis("3.5"),
  remedy: "make object_lock.days at most retention_days",
  note: "`check` refuses it in a spec (lock-outlasts-data)",
  needs: ["objectLock", "declared"],
  judge: ({ objectLock, declared: { retentionDays } }) => {
    const days = objectLock?.days ?? (objectLock?.years ?? 0) * DAYS_OF_A_YEAR;
    if (retentionDays === undefined || days <= retentionDays) return [];
    return [`locks objects for ${days} days and keeps them ${retentionDays}`];
  },
});
