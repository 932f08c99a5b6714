import deployer from "../docs/deployer-policy.json" with { type: "json" };
import type { PolicyDocument } from "../provider/bucket-types.ts";
import { beyond } from "./covering.ts";
import { rightsOf } from "./rights.ts";

/** The answer of `accountinfo`, as far as it matters here. */
type Account = Readonly<Record<string, unknown>>;

interface Statement {
  readonly Effect?: unknown;
  readonly Action?: unknown;
  readonly Resource?: unknown;
  readonly Condition?: unknown;
}

/**
 * Whether the server's list of buckets is sure to be whole for these credentials: a user, or root, whose policies let
 * it list all buckets and deny nothing of it. A service account has a document of its own that isn't in the answer.
 */
export function listsEveryBucket(account: Account, accessKey: string): boolean {
  if (account.AccountName !== accessKey) return false;
  const { Statement } = (account.Policy ?? {}) as { Statement?: unknown };
  const about = (Array.isArray(Statement) ? (Statement as Statement[]) : []).filter(({ Action }) =>
    list(Action).some((action) => matches(action, "s3:ListAllMyBuckets")),
  );
  if (about.some(({ Effect }) => Effect === "Deny")) return false;
  return about.some(
    ({ Condition, Resource }) =>
      list(Resource).some((each) => each === "*" || each === "arn:aws:s3:::*") &&
      Object.keys(Condition ?? {}).length === 0,
  );
}

/** Actions of docs/deployer-policy.json that these credentials lack, or are denied; sorted. */
export function missingRights({ Policy }: Account): string[] {
  const wanted = rightsOf(deployer);
  const own = rightsOf((Policy ?? { Version: "2012-10-17", Statement: [] }) as PolicyDocument);
  const lacking = beyond(
    wanted,
    own.filter(({ allow }) => allow),
  );
  const denied = own.filter(({ allow }) => !allow).map((right) => ({ ...right, allow: true, when: "" }));
  const refused = wanted.filter((right) => beyond([right], denied).length === 0);
  return [...new Set([...lacking, ...refused].map(({ action }) => action.text))].sort();
}

function list(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((each) => typeof each === "string");
}

function matches(pattern: string, action: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(action);
}
