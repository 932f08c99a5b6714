import { cis } from "../frameworks.ts";
import { bucketRule } from "../rule.ts";
import { allowances } from "../statements.ts";

/** Actions that look and change nothing. */
const READS = /^s3:(Get|List|Head)[A-Za-z]*$/;

export const bucketAnonymousWrite = bucketRule({
  name: "bucket-anonymous-write",
  description: "nobody may change anything in a bucket without a key",
  severity: "critical",
  topic: "access",
  framework: cis("3.3"),
  remedy: "give each writer a user or service account of their own",
  note: "a spec can open a bucket for reading only: only other programs or changes by hand can break it",
  needs: ["policy"],
  judge: ({ policy }) => {
    if (policy === undefined) return [];
    const writes = allowances(policy).flatMap(({ actions, notActions }) => [
      ...actions.filter((action) => !READS.test(action)),
      ...(notActions.length > 0 ? [`all but ${notActions.join(", ")}`] : []),
    ]);
    return [...new Set(writes)].map((action) => `lets anyone do ${action}`);
  },
});
