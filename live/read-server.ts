import type { LiveServer } from "./live-server.ts";
import { readAccounts } from "./read-accounts.ts";
import { readBuckets } from "./read-buckets.ts";
import { readConfiguration } from "./read-configuration.ts";
import { readIdentities } from "./read-identities.ts";
import { batchJobs, remoteTiers, replicationSites, replicationTargets } from "./read-lists.ts";
import { type ReaderOptions, withReader } from "./reader.ts";
import { type ServerAddress, urlOf } from "./server-address.ts";

export interface ReadOptions extends ReaderOptions {
  /** Buckets that are asked for by name, whether the server lists them or not. */
  readonly buckets: readonly string[];
  /** Policies that are asked for by name where the server can't list them. */
  readonly policies: readonly string[];
  /** Users whose service accounts are read with their documents. */
  readonly accountsOf: (user: string) => boolean;
  /** Access keys of further service accounts that are read with their documents. */
  readonly accounts?: readonly string[];
  /** Whether the server's own configuration is read. @default false */
  readonly configuration?: boolean | undefined;
}

/**
 * Reads a whole server, and writes nothing. A part that can't be read carries the reason.
 * @throws ReadError when the server as a whole can't be looked at: unreachable, refusing, not MinIO
 */
export function readServer(server: ServerAddress, options: ReadOptions): Promise<LiveServer> {
  return withReader(server, options, async (reader) => {
    const [buckets, identities, accounts, tiers, targets, sites, jobs, configuration] = await Promise.all([
      readBuckets(reader, options.buckets),
      readIdentities(reader, options.policies),
      readAccounts(reader, options.accountsOf, options.accounts),
      reader.look(() => remoteTiers(reader)),
      reader.look(() => replicationTargets(reader)),
      reader.look(() => replicationSites(reader)),
      reader.look(() => batchJobs(reader)),
      options.configuration ? readConfiguration(reader) : { value: null },
    ]);
    return { url: urlOf(server), ...buckets, ...identities, accounts, tiers, targets, sites, jobs, configuration };
  });
}
