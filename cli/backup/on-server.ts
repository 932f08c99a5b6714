import { backupFaultText } from "../../backup/fault.ts";
import { ManifestFault } from "../../backup/manifest/schema.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import { type Connection, connect } from "../../provider/server/connection.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { Interrupted } from "../ending/signals.ts";

/**
 * Works on a server with backups; loaded where it is needed, as its client takes a while.
 * @param command for messages
 * @throws CommandError with the reason where the server or a backup fails
 */
export async function onBackupServer<T>(
  command: string,
  address: ServerAddress,
  work: (server: Connection) => Promise<T>,
  key = `the key of ${address.credentialsFrom}`,
): Promise<T> {
  const server = connect(address, new AbortController().signal);
  try {
    return await work(server);
  } catch (error) {
    if (error instanceof CommandError || error instanceof Interrupted) throw error;
    const exitCode = error instanceof ManifestFault ? EXIT.findings : EXIT.couldNotLook;
    throw new CommandError(`${command}: ${backupFaultText(error, { server, key })}`, exitCode);
  } finally {
    for (const client of [server.s3, server.s3Once, server.http]) client.destroy();
  }
}
