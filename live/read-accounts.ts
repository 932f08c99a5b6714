import type { PolicyDocument } from "../provider/bucket-types.ts";
import type { LiveClient } from "./client.ts";
import { jsonIn } from "./json.ts";
import type { AccountDetail, LiveAccount, Look } from "./live-server.ts";
import { ReadError } from "./read-error.ts";
import { type Reader, withReader } from "./reader.ts";
import type { Query } from "./request.ts";
import type { ServerAddress } from "./server-address.ts";

/** Accounts that are asked for at the same time: Node opens four answers at once, 64 MiB each. */
const AT_ONCE = 4;

const RIGHT = "admin:ListServiceAccounts";

/** The server's word for no such service account. */
const GONE = "XMinioInvalidIAMCredentials";

type Listed = Omit<LiveAccount, "detail">;

/**
 * Service accounts of all users and of root.
 * @param detailed whose accounts are read with their policy documents, a question each
 * @param keys access keys of others that are read so, too
 */
export async function readAccounts(
  reader: Reader,
  detailed: (user: string) => boolean,
  keys: readonly string[] = [],
): Promise<Look<LiveAccount[]>> {
  const list = await reader.look(() => listAccounts(reader.client, { all: "true" }));
  if ("reason" in list) return list;
  const isDetailed = ({ user, accessKey }: Listed): boolean => detailed(user) || keys.includes(accessKey);
  return { value: await withDetails(reader, list.value, isDetailed) };
}

/**
 * Service accounts of these users; none for a user that isn't there.
 * @param detailed which are read with their document and description, a question each
 * @throws ReadError
 */
export async function accountsOf(
  server: ServerAddress,
  users: readonly string[],
  { detailed }: { readonly detailed: boolean | ((accessKey: string) => boolean) },
): Promise<LiveAccount[]> {
  // without a name the server would list those of the user that asks
  if (users.length === 0) return [];
  return withReader(server, {}, async (reader) =>
    withDetails(reader, await listAccounts(reader.client, { users }), ({ accessKey }) =>
      typeof detailed === "boolean" ? detailed : detailed(accessKey),
    ),
  );
}

/** An account that is gone meanwhile is left out. */
async function withDetails(
  reader: Reader,
  accounts: readonly Listed[],
  detailed: (account: Listed) => boolean,
): Promise<LiveAccount[]> {
  const asked = accounts.filter(detailed);
  const read = ({ accessKey }: Listed) => readDetail(reader.client, accessKey);
  const looks = await reader.lookAtEach(asked, read, { atOnce: AT_ONCE });
  const details = new Map(asked.map(({ accessKey }, index) => [accessKey, looks[index]]));
  return accounts.flatMap((each): LiveAccount[] => {
    const look = details.get(each.accessKey);
    if (look === undefined) return [{ ...each, detail: null }];
    if ("reason" in look) return [{ ...each, detail: look }];
    return look.value === undefined ? [] : [{ ...each, detail: { value: look.value } }];
  });
}

async function listAccounts(client: LiveClient, whose: Query): Promise<Listed[]> {
  const query = { listType: "svcacc-only", ...whose };
  const users = await client.encrypted("list-access-keys-bulk", query, { what: "service accounts", right: RIGHT });
  const found = Object.entries(users).flatMap(([user, keys]) => {
    const { serviceAccounts } = keys as { serviceAccounts?: readonly Record<string, unknown>[] | null };
    return (serviceAccounts ?? []).map(
      ({ accessKey, expiration }): Listed => ({ accessKey: String(accessKey), user, expires: expiry(expiration) }),
    );
  });
  return found.sort((a, b) => (a.accessKey < b.accessKey ? -1 : 1));
}

/** @returns undefined where the account is gone meanwhile @throws ReadError */
async function readDetail(client: LiveClient, accessKey: string): Promise<AccountDetail | undefined> {
  const what = `service account ${accessKey}`;
  const found = await client.encrypted("info-service-account", { accessKey }, { what, right: RIGHT }, GONE);
  if (found === undefined) return undefined;
  const { accountStatus, impliedPolicy, policy, description } = found;
  const said = typeof description === "string" && description !== "" ? { description } : {};
  const own = { enabled: accountStatus === "on", ...said };
  if (impliedPolicy === true) return { ...own, policy: null };
  const document = typeof policy === "string" ? jsonIn(policy) : undefined;
  if (document === undefined) throw new ReadError(`the server doesn't tell what ${what} may do`, false);
  return { ...own, policy: document as unknown as PolicyDocument };
}

/** MinIO writes "never" as the year 1970. */
function expiry(value: unknown): string | null {
  if (typeof value !== "string" || value.startsWith("1970-01-01") || value.startsWith("0001-01-01")) return null;
  return value;
}
