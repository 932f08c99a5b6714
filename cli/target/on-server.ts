import type { Connection, ServerConfig } from "../../provider/server/connection.ts";
import { CommandError, EXIT } from "../ending/exit.ts";

/**
 * Asks a server, or changes something on it. The client is loaded here: every other command would pay a third of a second.
 * @param failed what it means for the command where that fails, before the reason
 * @throws CommandError with the reason
 */
export async function onServer<T>(
  config: ServerConfig,
  failed: string,
  work: (server: Connection) => Promise<T>,
): Promise<T> {
  const [{ connect }, { explain }] = await Promise.all([
    import("../../provider/server/connection.ts"),
    import("../../provider/server/faults.ts"),
  ]);
  const server = connect(config, new AbortController().signal);
  try {
    return await work(server);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`${failed}: ${explain(error, server)}`, EXIT.couldNotLook);
  } finally {
    for (const client of [server.s3, server.s3Once, server.http]) client.destroy();
  }
}
