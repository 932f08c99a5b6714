import { isDeepStrictEqual } from "node:util";
import { canonicalPolicy } from "../../provider/canonical.ts";
import type { PolicyDocument } from "../../provider/settings.ts";
import type { Deployment, StateResource } from "./plan.ts";

/** A service account on the server; `policy` is its own document, null without one. */
export interface AccountThere {
  readonly accessKey: string;
  readonly user: string;
  readonly policy: PolicyDocument | null;
}

export interface Orphans {
  /** Access keys that a killed run had made: their secret is in no state, so nobody can be using them. */
  readonly orphaned: readonly string[];
  /** Of our users and in no state, but not surely of a killed run: left alone. */
  readonly unknown: readonly string[];
}

const ACCOUNT = "minio:index/iamServiceAccount:IamServiceAccount";
const USER = "minio:index/iamUser:IamUser";

/** Users of the state: whoever acts for one of them is the stack's to answer for. */
export function usersIn({ resources = [], pending_operations = [] }: Deployment): string[] {
  const all = [...resources, ...pending_operations.map(({ resource }) => resource)];
  const names = all.filter(({ type }) => type === USER).map(({ inputs }) => String(inputs?.name));
  return [...new Set(names)].sort();
}

/**
 * Service accounts that killed runs left: the server chooses the access key, so a run that ends before its state is
 * written has made one that nothing knows. It is known by what our run gave it: it acts for a user of the state, with
 * the very document of an account that is pending there, or that is in the state and alive under another key. Where
 * the state's own key isn't on the server, the state may be the older one, and nothing is said to be an orphan.
 */
export function orphansOf(deployment: Deployment, there: readonly AccountThere[]): Orphans {
  const { resources = [], pending_operations = [] } = deployment;
  const users = new Set(usersIn(deployment));
  const own = resources.filter(({ type }) => type === ACCOUNT);
  const pending = pending_operations
    .filter(({ type, resource }) => type === "creating" && resource.type === ACCOUNT)
    .map(({ resource }) => resource);
  const known = new Set(own.flatMap(({ id }) => (id === undefined ? [] : [id])));
  const alive = new Set(there.map(({ accessKey }) => accessKey));
  const orphaned: string[] = [];
  const unknown: string[] = [];
  for (const account of there.filter(({ user, accessKey }) => users.has(user) && !known.has(accessKey))) {
    const alike = own.filter((each) => isLike(each, account));
    const replaced = alike.length > 0 && alike.every(({ id }) => id !== undefined && alive.has(id));
    const isPending = alike.length === 0 && pending.some((each) => isLike(each, account));
    (replaced || isPending ? orphaned : unknown).push(account.accessKey);
  }
  return { orphaned: orphaned.sort(), unknown: unknown.sort() };
}

function isLike({ inputs }: StateResource, { user, policy }: AccountThere): boolean {
  if (inputs?.targetUser !== user || typeof inputs.policy !== "string" || policy === null) return false;
  const document = JSON.parse(inputs.policy) as PolicyDocument;
  return isDeepStrictEqual(canonicalPolicy(document), canonicalPolicy(policy));
}
