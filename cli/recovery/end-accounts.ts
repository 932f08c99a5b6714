import { connect } from "../../provider/server/connection.ts";
import { explain } from "../../provider/server/faults.ts";
import { removeServiceAccount } from "../../provider/server/identities.ts";
import { accountsOf } from "../../scan/read/accounts.ts";
import { McClient } from "../../scan/read/mc.ts";
import { CouldNotLook } from "../../verify/could-not-look.ts";
import type { ServerAddress } from "../../verify/wire.ts";
import { CommandError, EXIT } from "../exit.ts";
import { type AccountThere, type Orphans, orphansOf, usersIn } from "./accounts.ts";
import type { Deployment } from "./plan.ts";

/**
 * Ends the service accounts that killed runs left; what isn't surely theirs stays.
 * @param mc path of MinIO's client
 * @throws CommandError when the server can't be asked; the next recovery tries again
 */
export async function endOrphans(deployment: Deployment, server: ServerAddress, mc: string): Promise<Orphans> {
  const orphans = orphansOf(deployment, await accountsThere(usersIn(deployment), server, mc));
  if (orphans.orphaned.length === 0) return orphans;
  const connection = connect(server, new AbortController().signal);
  try {
    for (const accessKey of orphans.orphaned) await removeServiceAccount(connection, accessKey);
    return orphans;
  } catch (error) {
    throw new CommandError(`service accounts of a killed run stay: ${explain(error, connection)}`, EXIT.couldNotLook);
  } finally {
    connection.s3.destroy();
  }
}

/** Service accounts of these users with their documents. @throws CommandError when the server can't be asked */
async function accountsThere(
  users: readonly string[],
  server: ServerAddress,
  program: string,
): Promise<AccountThere[]> {
  const mc = new McClient(server, program);
  try {
    return (await accountsOf(mc, users, { detailed: true })).flatMap(({ accessKey, user, detail }): AccountThere[] =>
      detail !== null && "value" in detail ? [{ accessKey, user, policy: detail.value.policy }] : [],
    );
  } catch (error) {
    if (!(error instanceof CouldNotLook)) throw error;
    throw new CommandError(`service accounts of killed runs can't be looked for: ${error.message}`, EXIT.couldNotLook);
  } finally {
    mc.remove();
  }
}
