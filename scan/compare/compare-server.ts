import type { DeclaredConfiguration } from "../../config/minio-server/configuration.ts";
import type { ResolvedModel } from "../../config/model.ts";
import type { WaitingRule } from "../../live/compare-bucket.ts";
import type { LiveServer } from "../../live/live-server.ts";
import { byRisk, type Finding, type NotLooked } from "../finding.ts";
import { compareAccounts } from "./accounts.ts";
import { compareBuckets } from "./buckets.ts";
import { configurationFindings } from "./configuration.ts";
import { together, where } from "./findings.ts";
import { compareIdentities } from "./identities.ts";
import { compareReplicationEventsTiers } from "./replication-events-tiers.ts";

export interface Comparison {
  /** The highest risk first. */
  readonly findings: readonly Finding[];
  readonly notLooked: readonly NotLooked[];
  /** Lifecycle rules that wait for a tier: neither right nor wrong. */
  readonly waiting: readonly WaitingRule[];
}

/**
 * How a server differs from the model: what is changed, missing, or in no spec. No state of Pulumi's is asked.
 * @param released names of buckets that a stack of ours once made and left on the server
 * @param declared what the server's own configuration shall be where it isn't MinIO's default
 */
export function compareServer(
  model: ResolvedModel,
  live: LiveServer,
  released: ReadonlySet<string> = new Set(),
  declared: DeclaredConfiguration = {},
): Comparison {
  const { waiting, ...buckets } = compareBuckets(model, live, released);
  const configuration = where(live.configuration, "server configuration", null, (held) => ({
    findings: held === null ? [] : configurationFindings(declared, held),
    notLooked: [],
  }));
  const parts = [
    buckets,
    compareReplicationEventsTiers(model, live),
    compareIdentities(model, live),
    compareAccounts(model, live),
    configuration,
  ];
  const { findings, notLooked } = together(parts);
  return { findings: [...findings].sort(byRisk), notLooked, waiting };
}
