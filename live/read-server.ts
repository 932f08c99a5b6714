import { readAccounts } from "./accounts.ts";
import { probe } from "./bucket-settings.ts";
import { readBuckets } from "./buckets.ts";
import { type ServerAddress, Wire } from "./client.ts";
import { urlOf } from "./faults.ts";
import { readIdentities } from "./identities.ts";
import { replicationTargets, tierNames } from "./lists.ts";
import type { LiveServer } from "./live-server.ts";
import { McClient } from "./mc.ts";
import { Reader } from "./reader.ts";

export interface ReadOptions {
  /** Buckets that are asked for by name, whether the server lists them or not. */
  readonly buckets: readonly string[];
  /** Users whose service accounts are read with their documents. */
  readonly accountsOf: (user: string) => boolean;
  /** Questions at the same time. @default 16 */
  readonly concurrency?: number;
  /** Path of MinIO's `mc`. */
  readonly mc: string;
  /** Called after each look. */
  readonly onProgress?: (done: number, total: number) => void;
}

const DEFAULT_CONCURRENCY = 16;

/**
 * Reads a whole server, and writes nothing. A part that can't be read carries the reason.
 * @throws ReadError when the server as a whole can't be looked at: unreachable, refusing, not MinIO
 */
export async function readServer(server: ServerAddress, options: ReadOptions): Promise<LiveServer> {
  const { concurrency = DEFAULT_CONCURRENCY, onProgress = () => {} } = options;
  const wire = new Wire(server);
  const mc = new McClient(server, options.mc);
  try {
    await probe(wire, server);
    const reader = new Reader(wire, server, { concurrency, onProgress, onGone: () => mc.stop() });
    const [buckets, identities, accounts, tiers, targets] = await Promise.all([
      readBuckets(reader, options.buckets),
      readIdentities(reader, mc),
      readAccounts(reader, mc, options.accountsOf),
      reader.look(() => tierNames(reader)),
      reader.look(() => replicationTargets(reader)),
    ]);
    return { url: urlOf(server), ...buckets, ...identities, accounts, tiers, targets };
  } finally {
    mc.remove();
    wire.close();
  }
}
