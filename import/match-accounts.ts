import type { Platform, ResolvedModel } from "../config/model.ts";
import { declaredAccounts, isDocument } from "../live/declared-accounts.ts";
import type { LiveServer } from "../live/live-server.ts";

/**
 * Access keys on the server by the names that the specs give the accounts, where user and document agree.
 * @param taken keys that are somebody's already
 */
export function matchAccounts(model: ResolvedModel, live: LiveServer, taken: ReadonlySet<string>): Map<string, string> {
  const free = "value" in live.accounts ? live.accounts.value.filter(({ accessKey }) => !taken.has(accessKey)) : [];
  const found = new Map<string, string>();
  for (const { account, document } of declaredAccounts(model)) {
    const index = free.findIndex(
      ({ user, detail, accessKey }) =>
        user === account.user &&
        detail !== null &&
        "value" in detail &&
        isDocument(detail.value.policy, document) &&
        (accessKey === account.name || !model.platforms.some((each) => hasAccount(each, accessKey))),
    );
    const [match] = index === -1 ? [] : free.splice(index, 1);
    if (match !== undefined) found.set(account.name, match.accessKey);
  }
  return found;
}

/** A key that is named like another account of the specs is that account's. */
function hasAccount({ access }: Platform, name: string): boolean {
  return access.serviceAccounts.some((account) => account.name === name);
}
