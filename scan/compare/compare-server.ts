import type { DeclaredConfiguration } from "../../config/minio-server/configuration.ts";
import type { ResolvedModel } from "../../config/model.ts";
import type { Remotes } from "../../config/stack/remotes.ts";
import type { Tiers } from "../../config/stack/tiers.ts";
import type { WaitingRule } from "../../live/compare-bucket.ts";
import type { LiveServer } from "../../live/live-server.ts";
import { byRisk, type Finding, type NotLooked } from "../finding.ts";
import { compareAccounts } from "./accounts.ts";
import { compareBuckets } from "./buckets.ts";
import { configurationFindings } from "./configuration.ts";
import { together, where } from "./findings.ts";
import { compareIdentities } from "./identities.ts";
import { compareReplicationEvents } from "./replication-events.ts";
import { compareTiers } from "./tiers.ts";

export interface Comparison {
  /** The highest risk first. */
  readonly findings: readonly Finding[];
  readonly notLooked: readonly NotLooked[];
  /** Lifecycle rules that wait for a tier: neither right nor wrong. */
  readonly waiting: readonly WaitingRule[];
}

/** What a stack says of its server beside the specs. */
export interface OfStack {
  /** Names of buckets that a stack of ours once made and left on the server. */
  readonly released?: ReadonlySet<string> | undefined;
  /** What the server's own configuration shall be where it isn't MinIO's default. */
  readonly configuration?: DeclaredConfiguration | undefined;
  /** Tiers that the stack makes, by name. */
  readonly tiers?: Tiers | undefined;
  /** Other servers that the stack names, to which buckets are copied. */
  readonly remotes?: Remotes | undefined;
}

/** How a server differs from the model: what is changed, missing, or in no spec. No state of Pulumi's is asked. */
export function compareServer(model: ResolvedModel, live: LiveServer, ofStack: OfStack = {}): Comparison {
  const { released = new Set<string>(), configuration: declared = {}, tiers = {}, remotes = {} } = ofStack;
  const { waiting, ...buckets } = compareBuckets(model, live, { released, remotes });
  const configuration = where(live.configuration, "server configuration", null, (held) => ({
    findings: held === null ? [] : configurationFindings(declared, held),
    notLooked: [],
  }));
  const parts = [
    buckets,
    compareReplicationEvents(model, live, remotes),
    compareTiers(model, live, tiers),
    compareIdentities(model, live),
    compareAccounts(model, live),
    configuration,
  ];
  const { findings, notLooked } = together(parts);
  return { findings: [...findings].sort(byRisk), notLooked, waiting };
}
