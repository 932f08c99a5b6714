import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { type Connection, connect, type ServerConfig } from "../../provider/server/connection.ts";
import { explain } from "../../provider/server/faults.ts";
import { readUser, removeUser } from "../../provider/server/identities.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import type { Existing } from "./plan.ts";

/**
 * All buckets of the server and those of the users that it has.
 * @throws CommandError when it can't be asked
 */
export function existingOn(config: ServerConfig, users: readonly string[]): Promise<Existing> {
  return connected(config, async (server) => {
    const { Buckets = [] } = await server.s3.send(new ListBucketsCommand());
    const found = await Promise.all(users.map(async (name) => [name, await readUser(server, name)] as const));
    return {
      buckets: new Map(Buckets.map(({ Name = "", CreationDate = new Date(0) }) => [Name, CreationDate])),
      users: new Map(found.flatMap(([name, user]) => (user === undefined ? [] : [[name, user.updated]]))),
    };
  });
}

/** @throws CommandError when one can't be removed; the next recovery tries again */
export function removeUsers(config: ServerConfig, names: readonly string[]): Promise<void> {
  return connected(config, async (server) => {
    for (const name of names) await removeUser(server, name);
  });
}

async function connected<T>(config: ServerConfig, work: (server: Connection) => Promise<T>): Promise<T> {
  const server = connect(config, new AbortController().signal);
  try {
    return await work(server);
  } catch (error) {
    throw new CommandError(`nothing was recovered: ${explain(error, server)}`, EXIT.couldNotLook);
  } finally {
    server.s3.destroy();
  }
}
