import { cis } from "../frameworks.ts";
import { stackRule } from "../rule.ts";

/** Policies that every MinIO has and that reach all buckets or the server itself. */
const REACHING_ALL: ReadonlySet<string> = new Set([
  "consoleAdmin",
  "readwrite",
  "readonly",
  "writeonly",
  "diagnostics",
]);

export const identityBuiltinPolicy = stackRule({
  name: "identity-builtin-policy",
  description: "nobody has one of the server's own policies (consoleAdmin, readwrite ...), which reach every bucket",
  severity: "critical",
  topic: "access",
  framework: cis("5.4"),
  remedy: "attach a policy of the platform that grants what is needed",
  note: "a spec attaches policies of its own platform alone, and `check` refuses these names (reserved-name): only other programs or changes by hand can break it",
  needs: ["attachments"],
  judge: ({ attachments }) =>
    attachments
      .filter(({ policy }) => REACHING_ALL.has(policy))
      .map(({ holder, name, policy }) => ({
        subject: { kind: holder, name },
        wrong: `has the server's own policy ${policy}`,
      })),
});
