import type { PolicyDocument } from "../provider/settings.ts";
import type { AccountDetail, LiveAccount, Look } from "./live-server.ts";
import { ALIAS, type Line, type McClient } from "./mc.ts";
import { ReadError } from "./read-error.ts";
import type { Reader } from "./reader.ts";

/** Accounts that one run of `mc` asks for: the server takes a fifth of a second for each. */
const AT_ONCE = 8;

/**
 * Service accounts of all users and of root.
 * @param detailed whose accounts are read with their policy documents, a question each
 */
export async function readAccounts(
  reader: Reader,
  mc: McClient,
  detailed: (user: string) => boolean,
): Promise<Look<LiveAccount[]>> {
  const list = await reader.look(() => listAccounts(mc));
  if (!("value" in list)) return list;
  const asked = list.value.filter(({ user }) => detailed(user)).map(({ accessKey }) => accessKey);
  const chunks = Array.from({ length: Math.ceil(asked.length / AT_ONCE) }, (_, index) =>
    asked.slice(index * AT_ONCE, (index + 1) * AT_ONCE),
  );
  const looks = await reader.lookAtEach(chunks, (keys) => readDetails(mc, keys));
  const details = new Map<string, Look<AccountDetail>>();
  for (const [index, keys] of chunks.entries()) {
    const look = looks[index] as Look<ReadonlyMap<string, AccountDetail>>;
    for (const key of keys) {
      if (!("value" in look)) details.set(key, look);
      const detail = "value" in look ? look.value.get(key) : undefined;
      if (detail !== undefined) details.set(key, { value: detail });
    }
  }
  return remaining(reader, mc, list.value, { asked, details });
}

/**
 * The accounts with their details. To `mc` a refusal and an account that is gone are one: of an account without an
 * answer only a second list tells.
 */
async function remaining(
  reader: Reader,
  mc: McClient,
  accounts: readonly Omit<LiveAccount, "detail">[],
  { asked, details }: { asked: readonly string[]; details: ReadonlyMap<string, Look<AccountDetail>> },
): Promise<Look<LiveAccount[]>> {
  const unanswered = new Set(asked.filter((key) => !details.has(key)));
  const again = unanswered.size === 0 ? { value: accounts } : await reader.look(() => listAccounts(mc));
  if (!("value" in again)) return again;
  const there = new Set(again.value.map(({ accessKey }) => accessKey));
  const found = accounts.filter(({ accessKey }) => !unanswered.has(accessKey) || there.has(accessKey));
  const detailOf = (key: string): LiveAccount["detail"] =>
    unanswered.has(key)
      ? { reason: `the server doesn't tell what service account ${key} may do` }
      : (details.get(key) ?? null);
  return { value: found.map((each) => ({ ...each, detail: detailOf(each.accessKey) })) };
}

/**
 * Service accounts of these users; none for a user that isn't there.
 * @param detailed whether each is read with its document
 * @throws ReadError
 */
export async function accountsOf(
  mc: McClient,
  users: readonly string[],
  { detailed }: { readonly detailed: boolean },
): Promise<LiveAccount[]> {
  // without a name `mc` would list those of the user that asks
  if (users.length === 0) return [];
  const accounts = await listAccounts(mc, users);
  if (accounts.length === 0 || !detailed) return accounts.map((each) => ({ ...each, detail: null }));
  const keys = accounts.map(({ accessKey }) => accessKey);
  const details = await readDetails(mc, keys);
  return accounts.map((each): LiveAccount => {
    const value = details.get(each.accessKey);
    return { ...each, detail: value === undefined ? null : { value } };
  });
}

async function listAccounts(
  mc: McClient,
  whose: readonly string[] = ["--all"],
): Promise<Omit<LiveAccount, "detail">[]> {
  const args = ["admin", "accesskey", "list", ALIAS, ...whose, "--svcacc-only"];
  const lines = await mc.ask("service accounts", args);
  const found = lines.flatMap(({ user, svcaccs }) =>
    ((svcaccs ?? []) as Line[]).map(({ accessKey, expiration }) => ({
      accessKey: String(accessKey),
      user: String(user),
      expires: expiry(expiration),
    })),
  );
  return found.sort((a, b) => (a.accessKey < b.accessKey ? -1 : 1));
}

/** Details by access key, of those that the server tells of. @throws ReadError */
async function readDetails(mc: McClient, keys: readonly string[]): Promise<Map<string, AccountDetail>> {
  const odd = keys.find((key) => key.startsWith("-"));
  if (odd !== undefined) throw new ReadError(`mc would take the access key ${odd} for an option`, false);
  const lines = await mc.askEach("service accounts", ["admin", "accesskey", "info", ALIAS], keys);
  const details = lines.map(({ accessKey, accountStatus, impliedPolicy, policy }): [string, AccountDetail] => [
    String(accessKey),
    { enabled: accountStatus === "on", policy: impliedPolicy === true ? null : (policy as PolicyDocument) },
  ]);
  return new Map(details);
}

/** MinIO writes "never" as the year 1970. */
function expiry(value: unknown): string | null {
  if (typeof value !== "string" || value.startsWith("1970-01-01") || value.startsWith("0001-01-01")) return null;
  return value;
}
