import { accessPolicy } from "../../builders/access-policy.ts";
import type { ResolvedModel } from "../../config/model.ts";
import { declaredAccounts } from "../../live/declared-accounts.ts";
import type { LiveGroup, LiveUser, Look } from "../../live/live-server.ts";
import { type AccessEntry, accessMatrix } from "../../report/access-matrix.ts";

const seen = <T>(value: T): Look<T> => ({ value });

/** Who may do what in each bucket on a server that is as the model says; nothing was tried. */
export function declaredAccess(model: ResolvedModel): AccessEntry[] {
  const all = model.platforms.map(({ access }) => access);
  const users = all.flatMap((access) =>
    access.users.map(({ name, policies }): [string, LiveUser] => [name, { enabled: true, policies }]),
  );
  const groups = all.flatMap((access) =>
    access.groups.map(({ name, policies }): [string, Look<LiveGroup>] => {
      const members = access.users.filter((user) => user.groups.includes(name)).map((user) => user.name);
      return [name, seen({ enabled: true, members, policies })];
    }),
  );
  const policies = all.flatMap((access) =>
    access.policies.map(({ name, grants }) => [name, seen(accessPolicy(grants))] as const),
  );
  const live = {
    users: seen(new Map(users)),
    groups: seen(new Map(groups)),
    policies: new Map(policies),
    accounts: seen([]),
    buckets: new Map(),
  };
  const accounts = declaredAccounts(model).map(({ account, document }) => ({
    ...{ name: account.name, user: account.user, policy: document },
  }));
  const { access } = accessMatrix({ model, live, accounts, tries: new Map(), disagreed: new Set() });
  if ("reason" in access) throw new Error(access.reason);
  return access.entries;
}
