import type { ResolvedModel } from "../../config/model.ts";
import { readKeyNote } from "../../config/values/key-note.ts";
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
    const accounts = await accountsOf(server, users, { detailed: true });
    const issued = accounts.flatMap(({ accessKey, user, expires, detail }): IssuedKey[] => {
      const described = detail !== null && "value" in detail ? detail.value.description : undefined;
      const note = readKeyNote(described ?? "");
      return note?.kind === "issued" && expires !== null ? [{ accessKey, user, expires, why: note.why }] : [];
    });
    return issued.sort((a, b) => Date.parse(a.expires) - Date.parse(b.expires));
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    throw new CommandError(`key: issued keys can't be looked for: ${error.message}`, EXIT.couldNotLook);
  }
}
