import { type Asked, backupFaultText } from "../../backup/fault.ts";
import { ManifestFault } from "../../backup/manifest/schema.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import { type Connection, connect } from "../../provider/server/connection.ts";
import { serverOf } from "../../provider/server/rights.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { Interrupted } from "../ending/signals.ts";
import type { BackupServer } from "./target-server.ts";

type Asking = Omit<Asked, "server">;

/** Of the key that commands look with. */
const CURE = "root may; docs/deployer-policy.json permits no object to be read or written";

/**
 * Works on a server with backups; loaded where it is needed, as its client takes a while.
 * @param command for messages
 * @param asking another key than the one that every command looks with, for messages
 * @throws CommandError with the reason where the server or a backup fails
 */
export async function onBackupServer<T>(
  command: string,
  address: ServerAddress,
  work: (server: Connection) => Promise<T>,
  asking?: Asking,
): Promise<T> {
  const server = connect(address, new AbortController().signal);
  try {
    return await work(server);
  } catch (error) {
    if (error instanceof CommandError || error instanceof Interrupted) throw error;
    const failed = serverOf(error);
    // Another one's, around this: it is told there.
    if (failed !== undefined && failed !== server.url) throw error;
    const exitCode = error instanceof ManifestFault ? EXIT.findings : EXIT.couldNotLook;
    const asked = asking ?? { key: `the key of ${address.credentialsFrom}`, cure: CURE };
    throw new CommandError(`${command}: ${backupFaultText(error, { server, ...asked })}`, exitCode);
  } finally {
    for (const client of [server.s3, server.s3Once, server.http]) client.destroy();
  }
}

/** Works with the server that backups are on beside the one of the buckets. @param other undefined is the same one */
export function withBackups<T>(
  command: string,
  server: Connection,
  other: BackupServer | undefined,
  work: (backups: Connection) => Promise<T>,
): Promise<T> {
  if (other === undefined) return work(server);
  const { server: address, ...asking } = other;
  return onBackupServer(command, address, work, asking);
}
