import { DEFAULT_ACCESS_KEYS } from "../../config/rules/stage.ts";
import { cis } from "../frameworks.ts";
import { stackRule } from "../rule.ts";

export const identityDefault = stackRule({
  name: "identity-default-credential",
  description: "no workload has an access key that everybody knows",
  severity: "critical",
  topic: "access",
  framework: cis("4.7"),
  remedy: "name the user after the workload",
  note: "`check` refuses these names in a spec (reserved-name): only other programs and hands break this one",
  needs: ["users"],
  judge: ({ users }) =>
    users
      .filter((user) => DEFAULT_ACCESS_KEYS.includes(user.toLowerCase()))
      .map((name) => ({ subject: { kind: "user", name }, wrong: "is an access key that everybody knows" })),
});
