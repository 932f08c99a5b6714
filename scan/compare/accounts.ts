import type { ResolvedModel } from "../../config/model.ts";
import { readKeyNote } from "../../config/values/key-note.ts";
import { besideSpecs } from "../../live/beside-specs.ts";
import { type DeclaredAccount, declaredAccounts, isDocument } from "../../live/declared-accounts.ts";
import type { AccountDetail, LiveAccount, LiveServer } from "../../live/live-server.ts";
import type { Finding, NotLooked } from "../finding.ts";
import { type Compared, finding, where } from "./findings.ts";
import { rightsChange } from "./rights.ts";

const SUBJECT = "service account" as const;

type Live = Pick<LiveAccount, "accessKey" | "expires"> & { readonly detail: AccountDetail };

/**
 * Service accounts. The server doesn't know the names that the specs give them, so those of one user are paired with
 * its declared ones: first those whose document is the declared one, then the rest in their order.
 */
export function compareAccounts(model: ResolvedModel, live: LiveServer, now = new Date()): Compared {
  return where(live.accounts, SUBJECT, null, (accounts) => {
    const users = "value" in live.users ? live.users.value : undefined;
    const declared = declaredAccounts(model);
    const ours = new Map(
      model.platforms.flatMap(({ name, access }) => access.users.map((user) => [user.name, name] as const)),
    );
    const findings: Finding[] = accounts.filter(({ user }) => !ours.has(user)).map((each) => stranger(each, users));
    const notLooked: NotLooked[] = [];
    const listed = new Set(
      model.platforms.flatMap(({ unmanaged }) => unmanaged.flatMap(({ kind, name }) => (kind === SUBJECT ? name : []))),
    );
    for (const [user, platform] of ours) {
      // A user that is gone has taken its accounts along.
      if (users !== undefined && !users.has(user)) continue;
      const own = accounts.filter((each) => each.user === user);
      const unread = own.flatMap(({ accessKey, detail }) =>
        detail !== null && "reason" in detail ? [{ accessKey, reason: detail.reason }] : [],
      );
      for (const { accessKey: name, reason } of unread) notLooked.push({ subject: { kind: SUBJECT, name }, reason });
      const read = own.flatMap(({ accessKey, expires, detail }): Live[] =>
        detail !== null && "value" in detail ? [{ accessKey, expires, detail: detail.value }] : [],
      );
      const wanted = declared.filter(({ account }) => account.user === user);
      const strange = read.filter(({ accessKey }) => listed.has(accessKey));
      const others = read.filter(({ accessKey }) => !listed.has(accessKey));
      findings.push(...strange.map((each) => extra(user, platform, each, undefined)));
      const words = new Map(others.map((each) => [each, besideSpecs(model, asRead(user, each), now)]));
      const [known, rest] = [true, false].map((is) => others.filter((each) => (words.get(each) !== undefined) === is));
      const pairs = paired(wanted, (rest ?? []).sort(byNote), { user, unread: unread.length });
      const extras = [...(known ?? []), ...pairs.left];
      findings.push(...pairs.findings, ...extras.map((each) => extra(user, platform, each, words.get(each))));
    }
    return { findings, notLooked };
  });
}

/**
 * @param unread accounts of the user that could not be looked at: each may be a declared one that isn't found
 * @returns what differs, and who was paired with nobody
 */
function paired(
  declared: readonly DeclaredAccount[],
  live: readonly Live[],
  { user, unread }: { readonly user: string; readonly unread: number },
): { readonly findings: readonly Finding[]; readonly left: readonly Live[] } {
  const left = [...live];
  const unpaired: DeclaredAccount[] = [];
  const findings: Finding[] = [];
  for (const each of declared) {
    const same = (on: boolean) =>
      left.findIndex(({ detail }) => detail.enabled === on && isDocument(detail.policy, each.document));
    const index = same(true) === -1 ? same(false) : same(true);
    const [found] = index === -1 ? [] : left.splice(index, 1);
    if (found === undefined) unpaired.push(each);
    else findings.push(...differences(each, found));
  }
  for (const each of unpaired) {
    const found = left.shift();
    if (found !== undefined) findings.push(...differences(each, found));
    else if (unread === 0) {
      const subject = { kind: SUBJECT, name: each.account.name };
      const message = `missing: ${user} has no account for it`;
      findings.push(finding("missing", subject, { severity: "medium", platform: each.platform, message }));
    }
  }
  return { findings, left };
}

function differences(
  { account, platform, document }: DeclaredAccount,
  { accessKey, expires, detail }: Live,
): Finding[] {
  const subject = { kind: SUBJECT, name: account.name };
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
  if (isDocument(detail.policy, document)) return findings;
  const { more, less } = rightsChange(document, detail.policy ?? undefined);
  const widened = detail.policy === null || more.length > 0;
  const words = [...more, ...less];
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

/** @param known what it is beside the specs, in words; undefined where it is anybody's */
function extra(user: string, platform: string, { accessKey, detail }: Live, known: string | undefined): Finding {
  const status = detail.enabled ? "enabled" : "disabled";
  const actual = { user, enabled: detail.enabled, policy: detail.policy as Finding["actual"] };
  const message = `in no spec; acts for ${user}, ${status}${known === undefined ? "" : `; ${known}`}`;
  const severity = known === undefined ? "high" : "low";
  return finding("unmanaged", { kind: SUBJECT, name: accessKey }, { severity, platform, actual, message });
}

const asRead = (user: string, { detail, ...account }: Live) => ({ user, ...account, detail: { value: detail } });

/** Those with a note of ours last: a replaced key has the document of the one that replaced it. */
function byNote(a: Live, b: Live): number {
  const [one, other] = [a, b].map(({ detail }) => (readKeyNote(detail.description ?? "") === undefined ? 0 : 1));
  return (one ?? 0) - (other ?? 0);
}

/** Of a user that no spec names, or of root: one that isn't in the list of users is root. */
function stranger({ accessKey, user, expires }: LiveAccount, users: ReadonlyMap<string, unknown> | undefined): Finding {
  const isRoot = users !== undefined && !users.has(user);
  const whose = isRoot ? `${user}, the server's root` : user;
  const subject = { kind: SUBJECT, name: accessKey };
  const actual = { user, expires };
  return finding("unmanaged", subject, {
    severity: isRoot ? "critical" : "medium",
    platform: null,
    actual,
    message: `in no spec; acts for ${whose}`,
  });
}
