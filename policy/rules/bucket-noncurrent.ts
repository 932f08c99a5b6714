import { z } from "zod";
import { cis } from "../frameworks.ts";
import { bucketRule } from "../rule.ts";
import { coversAll } from "./bucket-lifecycle.ts";

export const bucketNoncurrent = bucketRule({
  name: "bucket-noncurrent-expiry",
  description:
    "a versioned bucket expires its noncurrent versions: otherwise it grows without end, and deleted data stays",
  severity: "medium",
  topic: "retention",
  framework: cis("3.5"),
  remedy: "set noncurrent_days of the bucket or its group",
  note: "`noncurrent_days` has a default of 30: a spec breaks this rule by a longer time or by `forever` only",
  needs: ["versioning", "lifecycle"],
  options: {
    ceiling: z.int().positive().default(365).meta({ description: "most days a noncurrent version may stay" }),
  },
  judge: ({ versioning, lifecycle }, { ceiling }) => {
    if (!versioning) return [];
    const days = lifecycle
      .filter(coversAll)
      .flatMap(({ NoncurrentVersionExpiration: rule }) =>
        rule?.NoncurrentDays === undefined ? [] : [rule.NoncurrentDays],
      );
    if (days.length === 0) return ["has versioning, and no enabled rule expires its noncurrent versions"];
    const soonest = Math.min(...days);
    return soonest > ceiling ? [`keeps noncurrent versions ${soonest} days, at most ${ceiling} are allowed`] : [];
  },
});
