import { isDeepStrictEqual } from "node:util";
import type { PolicyDocument } from "../../provider/bucket-types.ts";
import { canonicalPolicy } from "../../provider/canonical.ts";
import type { Deployment, StateResource } from "./recovery-plan.ts";

/** A service account on the server; `policy` is its own document: null without one, undefined where the server doesn't tell. */
export interface AccountThere {
  readonly accessKey: string;
  readonly user: string;
  readonly policy: PolicyDocument | null | undefined;
}

export interface Orphans {
  /** Access keys that a killed run had made: their secret is in no state, so nobody can be using them. */
  readonly orphaned: readonly string[];
  /** Of our users and in no state, but nothing proves that a killed run made them: left alone. */
  readonly unknown: readonly string[];
}

/** The state that a killed run left, where it is surely that one. */
export interface KilledRun {
  readonly deployment: Deployment;
  /** Whether any state of the checkout, or a copy of one, knows an access key: its secret may be in use then. */
  readonly isKnown: (accessKey: string) => boolean;
}

const ACCOUNT = "minio:index/iamServiceAccount:IamServiceAccount";
const USER = "minio:index/iamUser:IamUser";

/** Users of the state: accounts that act for one of them are the stack's to answer for. */
export function usersIn({ resources = [], pending_operations = [] }: Deployment): string[] {
  const all = [...resources, ...pending_operations.map(({ resource }) => resource)];
  const names = all.filter(({ type }) => type === USER).map(({ inputs }) => String(inputs?.name));
  return [...new Set(names)].sort();
}

/** Whether a service account was being made, or made again, when the state was written. */
export function awaitsAccounts(deployment: Deployment): boolean {
  return pendingAccounts(deployment).length > 0;
}

/** Access keys of the state's service accounts. */
export function knownKeys({ resources = [] }: Deployment): ReadonlySet<string> {
  return new Set(resources.flatMap(({ type, id }) => (type === ACCOUNT && id ? [id] : [])));
}

/** Accounts on the server that act for a user of the state, and whose key it hasn't. */
export function foreignTo(deployment: Deployment, there: readonly AccountThere[]): AccountThere[] {
  const users = new Set(usersIn(deployment));
  const known = knownKeys(deployment);
  return there.filter(({ user, accessKey }) => users.has(user) && !known.has(accessKey));
}

/**
 * Of the accounts that aren't the state's, those that a killed run made: the server chooses the access key, so a run
 * that ends before its state is written has made one that nothing knows. The server tells no time of an account, and
 * one in use may have the same document. So only a creation proves it that is pending in the killed run's own state, and
 * only where no more accounts have its user and document than such creations are pending.
 * @param killed undefined where the state isn't surely the one that a killed run left: nothing is proved then
 */
export function orphansOf(
  deployment: Deployment,
  there: readonly AccountThere[],
  killed: KilledRun | undefined,
): Orphans {
  const pending = killed === undefined ? [] : pendingAccounts(killed.deployment);
  const foreign = foreignTo(killed?.deployment ?? deployment, there);
  const isOrphan = (account: AccountThere): boolean => {
    const made = pending.filter((each) => isLike(each, account)).length;
    // One that the server doesn't tell of may be alike.
    const alike = foreign.filter(
      ({ user, policy }) => user === account.user && (policy === undefined || isSame(policy, account.policy)),
    ).length;
    return made > 0 && alike <= made && killed?.isKnown(account.accessKey) === false;
  };
  const keys = (accounts: readonly AccountThere[]) => accounts.map(({ accessKey }) => accessKey).sort();
  return {
    orphaned: keys(foreign.filter(isOrphan)),
    unknown: keys(foreign.filter((account) => !isOrphan(account))),
  };
}

function pendingAccounts({ pending_operations = [] }: Deployment): StateResource[] {
  return pending_operations
    .filter(({ type, resource }) => type === "creating" && resource.type === ACCOUNT)
    .map(({ resource }) => resource);
}

function isLike({ inputs }: StateResource, { user, policy }: AccountThere): boolean {
  if (inputs?.targetUser !== user || typeof inputs.policy !== "string") return false;
  return isSame(JSON.parse(inputs.policy) as PolicyDocument, policy);
}

function isSame(one: PolicyDocument | null | undefined, other: PolicyDocument | null | undefined): boolean {
  return one != null && other != null && isDeepStrictEqual(canonicalPolicy(one), canonicalPolicy(other));
}
