import { isDeepStrictEqual } from "node:util";
import { accessPolicy } from "../../builders/access-policy.ts";
import type { Platform, ResolvedModel, ServiceAccount } from "../../config/model.ts";
import type { AccountDetail, LiveAccount, LiveServer } from "../../live/live-server.ts";
import { canonicalPolicy } from "../../provider/canonical.ts";
import type { PolicyDocument } from "../../provider/settings.ts";
import type { Finding, NotLooked } from "../finding.ts";
import { type Compared, finding, where } from "./findings.ts";
import { rightsChange } from "./rights.ts";

interface Declared {
  readonly account: ServiceAccount;
  readonly platform: string;
  readonly document: PolicyDocument;
}

type Live = Pick<LiveAccount, "accessKey" | "expires"> & { readonly detail: AccountDetail };

/**
 * Service accounts. The server doesn't know the names that the specs give them, so those of one user are paired with
 * its declared ones: first those whose document is the declared one, then the rest in their order.
 */
export function compareAccounts(model: ResolvedModel, live: LiveServer): Compared {
  return where(live.accounts, "service account", null, (accounts) => {
    const users = "value" in live.users ? live.users.value : undefined;
    const declared = declaredAccounts(model);
    const ours = new Map(
      model.platforms.flatMap(({ name, access }) => access.users.map((user) => [user.name, name] as const)),
    );
    const findings: Finding[] = accounts.filter(({ user }) => !ours.has(user)).map((each) => stranger(each, users));
    const notLooked: NotLooked[] = [];
    for (const [user, platform] of ours) {
      // A user that is gone has taken its accounts along.
      if (users !== undefined && !users.has(user)) continue;
      const own = accounts.filter((each) => each.user === user);
      const unread = own.find(({ detail }) => detail !== null && !("value" in detail));
      if (unread?.detail && "reason" in unread.detail) {
        notLooked.push({ subject: { kind: "service account", name: unread.accessKey }, reason: unread.detail.reason });
        continue;
      }
      const read = own.flatMap(({ accessKey, expires, detail }): Live[] =>
        detail !== null && "value" in detail ? [{ accessKey, expires, detail: detail.value }] : [],
      );
      findings.push(
        ...paired(
          user,
          platform,
          declared.filter(({ account }) => account.user === user),
          read,
        ),
      );
    }
    return { findings, notLooked };
  });
}

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
        isSame(detail.value.policy, document) &&
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

function declaredAccounts(model: ResolvedModel): Declared[] {
  return model.platforms.flatMap(({ name: platform, access }) =>
    access.serviceAccounts.map((account): Declared => {
      const policies = access.policies.filter(({ name }) => account.policies.includes(name));
      const document = canonicalPolicy(accessPolicy(policies.flatMap(({ grants }) => grants)));
      return { account, platform, document };
    }),
  );
}

function paired(user: string, platform: string, declared: readonly Declared[], live: readonly Live[]): Finding[] {
  const left = [...live];
  const unpaired: Declared[] = [];
  const findings: Finding[] = [];
  for (const each of declared) {
    const same = (on: boolean) =>
      left.findIndex(({ detail }) => detail.enabled === on && isSame(detail.policy, each.document));
    const index = same(true) === -1 ? same(false) : same(true);
    const [found] = index === -1 ? [] : left.splice(index, 1);
    if (found === undefined) unpaired.push(each);
    else findings.push(...differences(each, found));
  }
  for (const each of unpaired) {
    const found = left.shift();
    if (found !== undefined) findings.push(...differences(each, found));
    else {
      const subject = { kind: "service account", name: each.account.name } as const;
      const message = `missing: ${user} has no account for it`;
      findings.push(finding("missing", subject, { severity: "medium", platform: each.platform, message }));
    }
  }
  return [...findings, ...left.map((each) => extra(user, platform, each))];
}

function isSame(policy: PolicyDocument | null, document: PolicyDocument): boolean {
  return policy !== null && isDeepStrictEqual(canonicalPolicy(policy), document);
}

function differences({ account, platform, document }: Declared, { accessKey, expires, detail }: Live): Finding[] {
  const subject = { kind: "service account", name: account.name } as const;
  const findings: Finding[] = [];
  if (expires !== null) {
    // A key that ends takes its job down, and no spec can ask for that.
    const message = `expires: ${accessKey} ends ${expires}`;
    const sides = { path: "expires", actual: expires } as const;
    findings.push(finding("changed", subject, { severity: "medium", platform, ...sides, message }));
  }
  if (!detail.enabled) {
    const sides = { path: "status", expected: "enabled", actual: "disabled" } as const;
    findings.push(
      finding("changed", subject, {
        severity: "medium",
        platform,
        ...sides,
        message: `status: ${accessKey} is disabled`,
      }),
    );
  }
  if (isSame(detail.policy, document)) return findings;
  const { more, less } = rightsChange(document, detail.policy ?? undefined);
  const widened = detail.policy === null || more.length > 0;
  const words = [...more.map((right) => `now ${right}`), ...less.map((right) => `no longer ${right}`)];
  const message =
    detail.policy === null
      ? `document: ${accessKey} has none of its own, it may do whatever ${account.user} may`
      : `document: ${accessKey} ${words.join("; ")}`;
  const sides = {
    path: "document",
    expected: document as Finding["expected"],
    actual: detail.policy as Finding["actual"],
  };
  return [
    ...findings,
    finding("changed", subject, { severity: widened ? "high" : "medium", platform, ...sides, message }),
  ];
}

function extra(user: string, platform: string, { accessKey, detail }: Live): Finding {
  const status = detail.enabled ? "enabled" : "disabled";
  const actual = { user, enabled: detail.enabled, policy: detail.policy as Finding["actual"] };
  const message = `in no spec; acts for ${user}, ${status}`;
  return finding(
    "unmanaged",
    { kind: "service account", name: accessKey },
    { severity: "high", platform, actual, message },
  );
}

/** Of a user that no spec names, or of root: one that isn't in the list of users is root. */
function stranger({ accessKey, user, expires }: LiveAccount, users: ReadonlyMap<string, unknown> | undefined): Finding {
  const isRoot = users !== undefined && !users.has(user);
  const whose = isRoot ? `${user}, the server's root` : user;
  const subject = { kind: "service account", name: accessKey } as const;
  const actual = { user, expires };
  return finding("unmanaged", subject, {
    severity: isRoot ? "critical" : "medium",
    platform: null,
    actual,
    message: `in no spec; acts for ${whose}`,
  });
}
