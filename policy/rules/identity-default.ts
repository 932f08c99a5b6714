import { DEFAULT_ACCESS_KEYS } from "../../config/rules/stage.ts";
import { cis } from "../frameworks.ts";
import { stackRule } from "../rule.ts";

export const identityDefault = stackRule({
  name: "identity-default-credential",
  description: "no workload has a well-known access key",
  severity: "critical",
  topic: "access",
  framework: cis("4.7"),
  remedy: "name the user after the workload",
  note: "`check` refuses these names in a spec (reserved-name): only other programs or changes by hand can break it",
  needs: ["users"],
  judge: ({ users }) =>
    users
      .filter((user) => DEFAULT_ACCESS_KEYS.includes(user.toLowerCase()))
      .map((name) => ({ subject: { kind: "user", name }, wrong: "is a well-known access key" })),
});
