import { cis } from "../frameworks.ts";
import { stackRule } from "../rule.ts";

/** The deploying identity is a secret: a message names the user that the spec names, and nothing else. */
export const identityRoot = stackRule({
  name: "identity-root-credential",
  description: "no workload acts as the identity that deploys",
  severity: "critical",
  topic: "access",
  framework: cis("5.4"),
  remedy: "give the workload a user of its own, or the deployment another identity (docs/deployer-policy.json)",
  note: "a spec doesn't know who deploys it",
  needs: ["users", "serviceAccounts", "deployers"],
  judge: ({ users, serviceAccounts, deployers }) => [
    ...users
      .filter((user) => deployers.includes(user))
      .map((name) => ({ subject: { kind: "user" as const, name }, wrong: "is the identity that deploys" })),
    ...serviceAccounts
      .filter(({ user }) => deployers.includes(user))
      .map(({ name }) => ({
        subject: { kind: "service account" as const, name },
        wrong: "acts for the identity that deploys",
      })),
  ],
});
