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

function list(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((each) => typeof each === "string");
}

function matches(pattern: string, action: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(action);
}
