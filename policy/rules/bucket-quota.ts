import { z } from "zod";
import { bytesText, LEAST_BYTES } from "../../config/values/quota.ts";
import { bucketRule } from "../rule.ts";

export const bucketQuota = bucketRule({
  name: "bucket-quota",
  description: "every bucket has a quota: a runaway job is refused once the server's usage scan finds its bucket full",
  severity: "medium",
  topic: "protection",
  remedy: "set quota of the bucket or its group, 500GiB for example",
  needs: ["quota"],
  options: {
    floor: z
      .int()
      .positive()
      .default(LEAST_BYTES)
      .meta({ description: "least bytes a quota may allow: a smaller one is a number without its unit" }),
    ceiling: z.int().positive().optional().meta({ description: "most bytes a quota may allow; absent is no limit" }),
  },
  judge: ({ quota }, { floor, ceiling }) => {
    if (quota === undefined) return ["has no quota"];
    if (quota < floor) return [`has a quota of ${bytesText(quota)}, at least ${bytesText(floor)} are required`];
    return ceiling !== undefined && quota > ceiling
      ? [`has a quota of ${bytesText(quota)}, at most ${bytesText(ceiling)} are allowed`]
      : [];
  },
});
