import { backupFaultText } from "../../backup/fault.ts";
import { ManifestFault } from "../../backup/manifest/schema.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import { type Connection, connect } from "../../provider/server/connection.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { Interrupted } from "../ending/signals.ts";

/** Of the key that commands look with. */
const CURE = "root may; docs/deployer-policy.json permits no object to be read or written";

/**
 * Works on a server with backups; loaded where it is needed, as its client takes a while.
 * @param command for messages
 * @param ownKey the key that makes backups, for messages; absent is the one that every command looks with
 * @throws CommandError with the reason where the server or a backup fails
 */
export async function onBackupServer<T>(
  command: string,
  address: ServerAddress,
  work: (server: Connection) => Promise<T>,
  ownKey?: string,
): Promise<T> {
  const server = connect(address, new AbortController().signal);
  try {
    return await work(server);
  } catch (error) {
    if (error instanceof CommandError || error instanceof Interrupted) throw error;
    const exitCode = error instanceof ManifestFault ? EXIT.findings : EXIT.couldNotLook;
    const asked = ownKey === undefined ? { key: `the key of ${address.credentialsFrom}`, cure: CURE } : { key: ownKey };
    throw new CommandError(`${command}: ${backupFaultText(error, { server, ...asked })}`, exitCode);
  } finally {
    for (const client of [server.s3, server.s3Once, server.http]) client.destroy();
  }
}
