import { z } from "zod";
import { bytesText } from "../../config/values/quota.ts";
import { bucketRule } from "../rule.ts";

export const bucketQuota = bucketRule({
  name: "bucket-quota",
  description: "every bucket has a quota: a runaway job is refused once the server's usage scan finds its bucket full",
  severity: "medium",
  topic: "protection",
  remedy: "set quota of the bucket or its group, 500GiB for example",
  needs: ["quota"],
  options: {
    ceiling: z.int().positive().optional().meta({ description: "most bytes a quota may allow; absent is no limit" }),
  },
  judge: ({ quota }, { ceiling }) => {
    if (quota === undefined) return ["has no quota"];
    return ceiling !== undefined && quota > ceiling
      ? [`has a quota of ${bytesText(quota)}, at most ${bytesText(ceiling)} are allowed`]
      : [];
  },
});
