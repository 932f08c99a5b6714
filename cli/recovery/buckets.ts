import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { connect, type ServerConfig } from "../../provider/server/connection.ts";
import { explain } from "../../provider/server/faults.ts";
import { CommandError, EXIT } from "../exit.ts";

/**
 * Buckets of the server with the time they were made.
 * @throws CommandError when it can't be asked
 */
export async function bucketDates(config: ServerConfig): Promise<ReadonlyMap<string, Date>> {
  const server = connect(config, new AbortController().signal);
  try {
    const { Buckets = [] } = await server.s3.send(new ListBucketsCommand());
    return new Map(Buckets.map(({ Name = "", CreationDate = new Date(0) }) => [Name, CreationDate]));
  } catch (error) {
    throw new CommandError(`nothing was recovered: ${explain(error, server)}`, EXIT.couldNotLook);
  } finally {
    server.s3.destroy();
  }
}
