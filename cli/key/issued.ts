import type { ResolvedModel } from "../../config/model.ts";
import { readKeyNote } from "../../config/values/key-note.ts";
import type { LiveAccount } from "../../live/live-server.ts";
import { accountsOf } from "../../live/read-accounts.ts";
import { ReadError } from "../../live/read-error.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import { CommandError, EXIT } from "../ending/exit.ts";

/** A key that `key issue` made; nothing of it is secret. */
export interface IssuedKey {
  readonly accessKey: string;
  readonly user: string;
  /** ISO 8601. */
  readonly expires: string;
  readonly why: string;
}

/**
 * Keys of the specs' users that the server says were issued and end by themselves, sorted by when.
 * @throws CommandError where the server can't be asked
 */
export async function issuedKeys({ platforms }: ResolvedModel, server: ServerAddress): Promise<IssuedKey[]> {
  const users = platforms.flatMap(({ access }) => access.users.map(({ name }) => name));
  try {
    return issuedIn(await accountsOf(server, users, { detailed: true }));
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    throw new CommandError(`key: issued keys can't be looked for: ${error.message}`, EXIT.couldNotLook);
  }
}

/** Those of these accounts that were issued. @throws ReadError where one can't be looked at that may be */
export function issuedIn(accounts: readonly LiveAccount[]): IssuedKey[] {
  const issued = accounts.flatMap(({ accessKey, user, expires, detail }): IssuedKey[] => {
    // Each issued key has an end: of an account without one nothing has to be known.
    if (expires === null || detail === null) return [];
    if ("reason" in detail) throw new ReadError(detail.reason, false);
    const note = readKeyNote(detail.value.description ?? "");
    return note?.kind === "issued" ? [{ accessKey, user, expires, why: note.why }] : [];
  });
  return issued.sort((a, b) => Date.parse(a.expires) - Date.parse(b.expires));
}
