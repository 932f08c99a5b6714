import { BARE } from "./bare.ts";
import { lookAtApi, lookAtClock } from "./checks/api.ts";
import { lookAtCertificate } from "./checks/certificate.ts";
import { lookAtBuckets, lookAtCredentials, lookAtRights } from "./checks/credentials.ts";
import { lookAtName, lookAtPort } from "./checks/endpoint.ts";
import { lookAtBucket, lookAtKeys } from "./checks/identities.ts";
import { lookAtKeyAges } from "./checks/key-ages.ts";
import { lookAtProxies } from "./checks/proxies.ts";
import { lookAtForged, lookAtServerDisk, lookAtVersion } from "./checks/server.ts";
import { lookAtSettings } from "./checks/settings.ts";
import { lookAtLock, lookAtPending, lookAtStale, lookAtState } from "./checks/state.ts";
import type { Context } from "./context.ts";
import type { Seen } from "./finding.ts";
import type { Check } from "./run-checks.ts";

type Row = readonly [name: string, about: string, runbook: string, look: Check["look"], ...needs: readonly string[]];

const bare =
  (name: string): Check["look"] =>
  (at: Context): Promise<Seen[]> =>
    (BARE[name] as (typeof BARE)[string])(at);
const ofStack = (at: Context): boolean => at.server === undefined;

/** In the order in which one rests on another. */
const ROWS: readonly Row[] = [
  ["toolchain", "the programs of the toolchain", "the-toolchain", bare("toolchain")],
  ["packages", "the packages of npm", "the-toolchain", bare("packages")],
  ["plugins", "the plugins of Pulumi", "the-toolchain", bare("plugins")],
  ["disk", "the disk of this checkout", "this-machines-disk-is-full", bare("disk")],
  ["settings", "the settings and the platform files", "settings-lead-to-no-server", lookAtSettings],
  ["proxies", "the variables that name a proxy", "the-server-cant-be-reached", lookAtProxies, "settings"],
  ["name", "the name of the server", "the-server-cant-be-reached", lookAtName, "settings", "proxies"],
  ["port", "the port of the server", "the-server-cant-be-reached", lookAtPort, "name"],
  ["certificate", "the certificate of the server", "the-certificate-isnt-trusted", lookAtCertificate, "port"],
  ["api", "whether S3 answers", "the-server-cant-be-reached", lookAtApi, "certificate"],
  ["clock", "the server's clock", "clocks-differ", lookAtClock, "api"],
  ["credentials", "the credentials", "authentication-failed", lookAtCredentials, "api", "clock"],
  ["rights", "the rights of the credentials", "authentication-failed", lookAtRights, "credentials"],
  ["version", "the release of the server", "the-server-has-known-holes", lookAtVersion, "credentials"],
  ["forged", "forged requests", "the-server-has-known-holes", lookAtForged, "credentials"],
  ["server-disk", "the drives of the server", "the-servers-disk-is-full", lookAtServerDisk, "credentials"],
  ["buckets", "the declared buckets", "a-bucket-isnt-there", lookAtBuckets, "credentials"],
  ["state", "the state of the stack", "the-state-is-lost", lookAtState],
  ["lock", "locks of the stack", "after-kill--9-a-crash-or-a-lost-machine", lookAtLock],
  ["pending", "what a killed run left", "after-kill--9-a-crash-or-a-lost-machine", lookAtPending, "state"],
  [
    "state-credentials",
    "the credentials in the state",
    "the-root-password-was-rotated",
    lookAtStale,
    "state",
    "credentials",
  ],
  ["identities", "the key of each identity", "authentication-failed", lookAtKeys, "state", "credentials"],
  ["key-ages", "how old the keys are", "a-key-is-too-old", lookAtKeyAges, "state", "credentials"],
  ["bucket", "one bucket, and who may what in it", "authentication-failed", lookAtBucket, "credentials"],
];

const WANTED: Readonly<Record<string, (at: Context) => boolean>> = {
  state: ofStack,
  lock: ofStack,
  pending: ofStack,
  "state-credentials": ofStack,
  "key-ages": ofStack,
  identities: ({ identities }) => identities,
  bucket: ({ bucket }) => bucket !== undefined,
};

/** All that doctor looks at. */
export const CHECKS: readonly Check[] = ROWS.map(([name, about, runbook, look, ...needs]) => {
  const wanted = WANTED[name];
  return { name, about, runbook, look, needs, ...(wanted && { wanted }) };
});
