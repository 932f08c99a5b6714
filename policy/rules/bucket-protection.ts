import { bucketRule } from "../rule.ts";

export const bucketProtection = bucketRule({
  name: "bucket-protection",
  description: "every bucket is protected: the engine refuses to delete it",
  severity: "critical",
  topic: "protection",
  remedy: "leave protection to the stage: every stage but dev has it",
  note: "every stage but dev protects its buckets by itself: only other programs and `pulumi state unprotect` break this one",
  needs: ["protect"],
  judge: ({ protect }) => (protect ? [] : ["isn't protected"]),
});
