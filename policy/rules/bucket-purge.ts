import { z } from "zod";
import { bucketRule } from "../rule.ts";

export const bucketPurge = bucketRule({
  name: "bucket-purge",
  description: "no bucket consents to be emptied",
  severity: "critical",
  topic: "protection",
  remedy: "set on_delete: retain; to end a bucket on purpose name it in the rule's option allowed for that one change",
  needs: ["name", "declared"],
  options: { allowed: z.array(z.string()).default([]).meta({ description: "buckets that may be emptied" }) },
  judge: ({ name, declared }, { allowed }) =>
    declared.onDelete === "purge" && !allowed.includes(name) ? ["has on_delete: purge"] : [],
});
