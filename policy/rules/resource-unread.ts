import { z } from "zod";
import { resourceRule } from "../rule.ts";

export const resourceUnread = resourceRule({
  name: "resource-unread",
  description: "buckets and their settings are declared by resources that the rules can read",
  severity: "critical",
  topic: "protection",
  remedy:
    "declare the bucket in a platform's file, or look at it by hand and name its type in the rule's option allowed",
  note: "a platform's buckets are of one type, which is read: only resources of `@pulumi/minio` that other programs declare break this one",
  needs: ["type"],
  options: {
    allowed: z.array(z.string()).default([]).meta({ description: "types of @pulumi/minio that may pass unread" }),
  },
  judge: ({ type }, { allowed }) => (allowed.includes(type) ? [] : [`is a ${type}, which no rule can read`]),
});
