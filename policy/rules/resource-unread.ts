import { z } from "zod";
import { resourceRule } from "../rule.ts";

export const resourceUnread = resourceRule({
  name: "resource-unread",
  description: "what `@pulumi/minio` makes on a server is of types that the rules can read",
  severity: "critical",
  topic: "protection",
  remedy: "declare it in a platform's file, or review it by hand and name its type in the rule's option allowed",
  note: "platforms are made of types that are read: only another program can break this rule",
  needs: ["type"],
  options: {
    allowed: z
      .array(z.string())
      .default([])
      .meta({ description: "types of @pulumi/minio that were reviewed by hand and may pass" }),
  },
  judge: ({ type }, { allowed }) => (allowed.includes(type) ? [] : [`is a ${type}, which no rule can read`]),
});
