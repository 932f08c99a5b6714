import { readKeyNote } from "../../config/values/key-note.ts";
import { accountsOf } from "../../live/read-accounts.ts";
import { ReadError } from "../../live/read-error.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import { removeServiceAccount } from "../../provider/server/identities.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { onServer } from "../target/on-server.ts";
import {
  type AccountThere,
  awaitsAccounts,
  foreignTo,
  type KilledRun,
  knownKeys,
  type Orphans,
  orphansOf,
  usersIn,
} from "./accounts.ts";
import type { Deployment } from "./recovery-plan.ts";

/**
 * Ends the service accounts that a killed run left, where its state proves it; what isn't surely its own stays.
 * @param prove reads locks and state again, after the server was asked; undefined where they prove nothing
 * @throws CommandError when the server can't be asked; the next recovery tries again
 */
export async function endOrphans(
  deployment: Deployment,
  server: ServerAddress,
  prove: () => KilledRun | undefined,
): Promise<Orphans> {
  const there = await accountsThere(deployment, server);
  if (foreignTo(deployment, there).length === 0) return { orphaned: [], unknown: [] };
  const orphans = orphansOf(deployment, there, awaitsAccounts(deployment) ? prove() : undefined);
  if (orphans.orphaned.length === 0) return orphans;
  await onServer(server, "service accounts of a killed run stay", async (connection) => {
    for (const accessKey of orphans.orphaned) await removeServiceAccount(connection, accessKey);
  });
  return orphans;
}

/** Service accounts of the state's users, with their documents where one is to be told by it. @throws CommandError */
async function accountsThere(deployment: Deployment, server: ServerAddress): Promise<AccountThere[]> {
  try {
    const known = knownKeys(deployment);
    const detailed = awaitsAccounts(deployment) || ((key: string) => !known.has(key));
    const accounts = await accountsOf(server, usersIn(deployment), { detailed });
    return accounts.flatMap(({ accessKey, user, expires, detail }): AccountThere[] => {
      const own = detail !== null && "value" in detail ? detail.value : undefined;
      // What key issue made ends by itself, and is nobody's to look for.
      const isIssued = readKeyNote(own?.description ?? "")?.kind === "issued" && expires !== null;
      return isIssued ? [] : [{ accessKey, user, policy: own?.policy }];
    });
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    throw new CommandError(`service accounts of killed runs can't be looked for: ${error.message}`, EXIT.couldNotLook);
  }
}
