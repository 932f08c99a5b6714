import { cis } from "../frameworks.ts";
import { grantRule } from "../rule.ts";
import { allowances } from "../statements.ts";

/** Beside data: administration of the server, its keys, and identities on loan. */
const ADMINISTRATION = /^(admin|kms|sts):/i;
/** What role `inspect` and Prometheus read by the admin API: it changes nothing and says nothing of identities. */
const READS: readonly string[] = ["admin:GetBucketQuota", "admin:ListTier", "admin:Prometheus"];

export const accessAdministration = grantRule({
  name: "access-administration",
  description: "no identity of a platform administers the server",
  severity: "critical",
  topic: "access",
  framework: cis("5.4"),
  remedy: "leave administration to the identity that deploys (docs/deployer-policy.json)",
  note: "a spec grants roles on buckets alone: only other programs or changes by hand can break it",
  needs: ["document"],
  judge: ({ document }) =>
    allowances(document).flatMap(({ actions }) =>
      actions
        .filter((action) => ADMINISTRATION.test(action) && !READS.includes(action))
        .map((action) => `allows ${action}`),
    ),
});
