import { z } from "zod";
import { cis } from "../frameworks.ts";
import { bucketRule } from "../rule.ts";
import { allowances, placeOf } from "../statements.ts";

export const bucketAnonymousRead = bucketRule({
  name: "bucket-anonymous-read",
  description: "without a key nobody may read a prefix that isn't on the list",
  severity: "critical",
  topic: "access",
  framework: cis("3.3"),
  remedy: "take the prefix out of public_read, or put BUCKET/PREFIX on the list allowed in the pack's configuration",
  needs: ["policy"],
  options: {
    allowed: z.array(z.string()).default([]).meta({ description: "places anyone may read: bucket/prefix" }),
  },
  judge: ({ policy }, { allowed }) => {
    if (policy === undefined) return [];
    const open = allowances(policy).flatMap(({ resources, notResources }) => [
      ...resources.map((resource) => placeOf(resource).replace(/\*$/, "")),
      ...(notResources.length > 0 ? [`all but ${notResources.map(placeOf).join(", ")}`] : []),
    ]);
    const unlisted = open.filter((place) => !allowed.some((each) => place.startsWith(each)));
    return [...new Set(unlisted)].map((place) => `lets anyone read ${place}`);
  },
});
