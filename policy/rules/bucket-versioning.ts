import { z } from "zod";
import { kindsOf, misspelt } from "../data-kinds.ts";
import { cis } from "../frameworks.ts";
import { bucketRule } from "../rule.ts";

const DEFAULT = ["raw", "l0", "models", "backups", "experiments", "training_data", "audit"];

export const bucketVersioning = bucketRule({
  name: "bucket-versioning",
  description: "data that can't be made again (raw data, models, backups) is versioned",
  severity: "high",
  topic: "protection",
  framework: cis("11.3"),
  remedy: "set versioning: true of the bucket or its group",
  needs: ["versioning", "tags", "declared"],
  options: {
    kinds: z
      .array(z.string())
      .default(DEFAULT)
      .meta({ description: "kinds of data (tag data_type or layer) that need it" }),
  },
  judge: ({ versioning, tags, declared }, { kinds }) => {
    const wanted = new Set(kinds.map((kind) => kind.toLowerCase()));
    const own = kindsOf({ tags, declared });
    const kind = own.find((each) => wanted.has(each));
    if (versioning) return [];
    if (kind !== undefined) return [`holds ${kind} and isn't versioned`];
    const slip = misspelt(own, kinds);
    return slip === undefined ? [] : [`holds ${slip.kind} and isn't versioned: did you mean ${slip.known}?`];
  },
});
