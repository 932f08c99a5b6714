import type { ResolvedModel } from "../config/model.ts";
import type { LiveServer, Look } from "../live/live-server.ts";
import { ownIdentities } from "../live/own-identities.ts";
import { type ReadOptions, readServer } from "../live/read-server.ts";
import type { ServerAddress } from "../live/server-address.ts";
import { compareServer, type OfStack } from "./compare/compare-server.ts";
import { withoutOwn } from "./compare/without-own.ts";
import { applyIgnores, type IgnoreEntry } from "./ignore.ts";
import type { ScanReport } from "./report/report.ts";
import { withoutListed } from "./unmanaged/without-listed.ts";

export interface ScanOptions extends Pick<ReadOptions, "concurrency" | "onProgress">, OfStack {
  readonly ignores?: readonly IgnoreEntry[];
  /** Whether a configuration that the credentials may not read is one that could not be looked at. @default false */
  readonly mustReadConfiguration?: boolean;
  /** `YYYY-MM-DD` in UTC. @default the day it is */
  readonly today?: string;
}

/**
 * Reads the whole server once and compares it with the model. Writes nothing, and asks no state.
 * @throws ReadError when the server as a whole can't be looked at
 */
export async function scanServer(
  model: ResolvedModel,
  server: ServerAddress,
  options: ScanOptions,
): Promise<ScanReport> {
  return scanReportOf(model, server, await readForScan(model, server, options), options);
}

/**
 * All of a server that is compared with the model.
 * @throws ReadError when the server as a whole can't be looked at
 */
export function readForScan(
  model: ResolvedModel,
  server: ServerAddress,
  { concurrency, onProgress }: Pick<ScanOptions, "concurrency" | "onProgress">,
): Promise<LiveServer> {
  const listed = model.platforms.flatMap(({ unmanaged }) => unmanaged);
  const users = new Set(model.platforms.flatMap(({ access }) => access.users.map(({ name }) => name)));
  return readServer(server, {
    ...{ concurrency, onProgress },
    configuration: true,
    buckets: model.platforms.flatMap(({ buckets }) => buckets.map(({ name }) => name)),
    policies: model.platforms.flatMap(({ access }) => access.policies.map(({ name }) => name)),
    accountsOf: (user) => users.has(user),
    accounts: listed.filter(({ kind }) => kind === "service account").map(({ name }) => name),
  });
}

/** What was read, compared with the model. */
export function scanReportOf(
  model: ResolvedModel,
  server: Pick<ServerAddress, "accessKey">,
  read: LiveServer,
  options: Omit<ScanOptions, "concurrency" | "onProgress">,
): ScanReport {
  const { ignores = [], released, today = new Date().toISOString().slice(0, 10), ...more } = options;
  const { configuration, tiers, remotes, mustReadConfiguration = false } = more;
  const isRefused = "value" in read.configuration && read.configuration.value === null;
  const live = isRefused && mustReadConfiguration ? { ...read, configuration: { reason: REFUSED } } : read;
  const { waiting, ...compared } = compareServer(model, live, { released, configuration, tiers, remotes });
  const { findings: found, notLooked, known } = withoutListed(compared, model, live);
  const strange = withoutOwn(found, live, ownIdentities(live, new Set([server.accessKey])));
  const { findings, ignored, unused } = applyIgnores(strange, ignores, today);
  return {
    schemaVersion: 1,
    stage: model.stage,
    server: live.url,
    looked: looked(live),
    findings: [...findings],
    ignored,
    unmanaged: Object.fromEntries(known),
    unusedIgnores: unused.map(({ kind, name, place }) => ({ kind, name, place })),
    notLooked: [...notLooked],
    waiting: [...waiting],
  };
}

const REFUSED =
  "the credentials may not read the server's configuration (AccessDenied): MinIO asks for admin:ConfigUpdate, which may change it too; use root's, or docs/drift.md says how";

function looked({ buckets, users, groups, policies, accounts, configuration }: LiveServer): ScanReport["looked"] {
  const there = (looks: ReadonlyMap<string, Look<unknown>>): number =>
    [...looks.values()].filter((look) => "value" in look && look.value !== null).length;
  return {
    buckets: there(buckets),
    users: "value" in users ? users.value.size : 0,
    groups: "value" in groups ? groups.value.size : 0,
    policies: there(policies),
    serviceAccounts: "value" in accounts ? accounts.value.length : 0,
    configuration: "value" in configuration && configuration.value !== null,
  };
}
