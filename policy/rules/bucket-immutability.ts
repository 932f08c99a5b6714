import { z } from "zod";
import { cis } from "../frameworks.ts";
import { bucketRule } from "../rule.ts";

/** Any other value declares it, in whatever language it says yes. */
const DENIALS = ["false", "no", "off", "0"];

export const bucketImmutability = bucketRule({
  name: "bucket-immutability",
  description: "a bucket that is declared immutable has object lock with a default retention",
  severity: "high",
  topic: "protection",
  framework: cis("11.3"),
  remedy: "give the bucket an object_lock when it is first made, or take the tag off",
  needs: ["tags", "objectLock"],
  options: {
    tag: z.string().default("immutable").meta({
      description: "tag that declares a bucket immutable, whatever its case, unless its value is false, no, off or 0",
    }),
  },
  judge: ({ tags, objectLock }, { tag }) => {
    const values = Object.entries(tags).flatMap(([key, value]) => (same(key, tag) ? [value] : []));
    if (values.every((value) => DENIALS.some((denial) => same(value, denial)))) return [];
    if (objectLock === undefined) return [`is tagged ${tag} and has no object lock`];
    return objectLock.mode === undefined ? [`is tagged ${tag}, and its object lock has no default retention`] : [];
  },
});

function same(text: string, other: string): boolean {
  return text.trim().toLowerCase() === other.toLowerCase();
}
