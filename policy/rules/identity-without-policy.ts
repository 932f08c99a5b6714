import { cis } from "../frameworks.ts";
import { stackRule } from "../rule.ts";

export const identityWithoutPolicy = stackRule({
  name: "identity-without-policy",
  description: "every user has a policy, of its own or through a group: nobody watches a key without rights",
  severity: "medium",
  topic: "access",
  framework: cis("6.8"),
  remedy: "give the user policies or groups, or remove it",
  needs: ["users", "attachments", "memberships"],
  judge: ({ users, attachments, memberships }) => {
    const has = (holder: "user" | "group", name: string): boolean =>
      attachments.some((each) => each.holder === holder && each.name === name);
    const inGroup = (user: string): boolean =>
      memberships.some((each) => each.user === user && has("group", each.group));
    return users
      .filter((user) => !has("user", user) && !inGroup(user))
      .map((name) => ({
        subject: { kind: "user", name },
        wrong: "has no policy, neither of its own nor through a group",
      }));
  },
});
