import { defaults } from "../defaults.ts";
import type { Access, Backup, Grant, Workload } from "../model.ts";
import type { BackupSpec } from "../schema/backup.ts";
import { longestLock } from "../values/backup-lock.ts";
import {
  BACKUP_POLICY,
  backupAccount,
  backupName,
  DRILL_POLICY,
  drillAccount,
  drillName,
} from "../values/backup-names.ts";
import { roleName } from "../values/database-names.ts";
import { SCRATCH_BUCKETS } from "../values/scratch-buckets.ts";

/** Null where the platform asks for no backups. */
export function resolveBackup(platform: string, spec: BackupSpec | undefined): Backup | null {
  if (spec === undefined) return null;
  return {
    to: spec.to ?? null,
    bucket: spec.bucket,
    prefix: spec.prefix ?? "",
    schedule: spec.schedule,
    keepDays: spec.keep,
    buckets: spec.buckets
      .map(({ name, prefixes = [] }) => ({ bucket: name, prefixes: outermost(prefixes) }))
      .sort((a, b) => (a.bucket < b.bucket ? -1 : 1)),
    serviceAccount: backupAccount(platform),
    drill: resolveDrill(platform, spec.drill),
  };
}

function resolveDrill(platform: string, spec: BackupSpec["drill"]): Backup["drill"] {
  if (spec === undefined) return null;
  const { schedule, sample = defaults.backup.drillSample, database_role: role } = spec;
  const databaseRole = role === undefined ? null : roleName(platform, role);
  return { schedule, sample, serviceAccount: drillAccount(platform), databaseRole };
}

/** A prefix within another one would list keys twice. */
function outermost(prefixes: readonly string[]): string[] {
  const sorted = [...new Set(prefixes)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return sorted.filter((prefix) => !sorted.some((other) => other !== prefix && prefix.startsWith(other)));
}

/** One user with one policy and one service account. */
interface Identity {
  readonly name: string;
  readonly key: string;
  readonly account: string;
  readonly grants: readonly Grant[];
}

/** A platform's access with the identities that make its backups and its drills. */
export function withBackupIdentities(platform: string, access: Access, backup: Backup | null): Access {
  if (backup === null) return access;
  return [backupIdentity(platform, backup), ...drillIdentity(platform, backup)].reduce(withIdentity, access);
}

function withIdentity(access: Access, { name, key, account, grants }: Identity): Access {
  return {
    policies: [...access.policies, { key, name, grants: [...grants] }].sort(byName),
    groups: access.groups,
    users: [...access.users, { name, policies: [name], groups: [] }].sort(byName),
    serviceAccounts: [...access.serviceAccounts, { name: account, user: name, policies: [name] }].sort(byName),
  };
}

/** It reads the sources, adds to the target, deletes nothing. */
function backupIdentity(platform: string, backup: Backup): Identity {
  const prefixes = backup.prefix === "" ? [] : [backup.prefix];
  const lockDays = longestLock(backup.keepDays);
  const grants: Grant[] = [
    // Another server's identities are its owner's to make.
    ...(backup.to === null ? [{ role: "keep", bucket: backup.bucket, prefixes, lockDays } satisfies Grant] : []),
    ...backup.buckets.map(({ bucket, prefixes }): Grant => ({ role: "back_up", bucket, prefixes })),
  ];
  return { name: backupName(platform), key: BACKUP_POLICY, account: backup.serviceAccount, grants };
}

/** It reads the target, and makes, fills and removes scratch buckets; of the sources it sees nothing. */
function drillIdentity(platform: string, { to, bucket, prefix, drill }: Backup): Identity[] {
  if (drill === null) return [];
  const grants: Grant[] = [
    // Another server is asked by the key that its owner gave.
    ...(to === null ? [{ role: "restore", bucket, prefixes: prefix === "" ? [] : [prefix] } satisfies Grant] : []),
    { role: "drill", bucket: SCRATCH_BUCKETS, prefixes: [] },
  ];
  return [{ name: drillName(platform), key: DRILL_POLICY, account: drill.serviceAccount, grants }];
}

/** What of a listing of many versions and of a manifest a run keeps. */
const MEMORY = "512Mi";
/** The whole manifest of a bucket, compressed, before it is stored. */
const HOME = "1Gi";
/** The first backup copies everything. */
const DEADLINE_SECONDS = 12 * 3600;

/** By which a program keeps its history in the database that it has a login for. */
const HISTORY = { BUCKETWORKS_HISTORY: "postgresql://" };

/** A platform's workloads with the jobs that make its backups and its drills. */
export function withBackupJobs(platform: string, workloads: readonly Workload[], backup: Backup | null): Workload[] {
  if (backup === null) return [...workloads];
  const { schedule, serviceAccount, drill, to } = backup;
  const jobs = [
    job(platform, {
      name: backupName(platform),
      verb: "run",
      schedule,
      serviceAccount,
      databaseRole: null,
      to,
      retries: 2,
    }),
    // Tried again, other objects would hide that a drill failed.
    ...(drill === null ? [] : [job(platform, { name: drillName(platform), verb: "drill", ...drill, to, retries: 0 })]),
  ];
  return [...workloads, ...jobs].sort(byName);
}

interface Job {
  readonly name: string;
  /** Of `bucketworks backup`. */
  readonly verb: "run" | "drill";
  readonly schedule: string;
  readonly serviceAccount: string;
  readonly databaseRole: string | null;
  /** The other server that the backups are on. */
  readonly to: string | null;
  readonly retries: number;
}

function job(platform: string, { name, verb, schedule, serviceAccount, databaseRole, to, retries }: Job): Workload {
  const run = {
    kind: "scheduled_job",
    schedule,
    timeZone: "Etc/UTC",
    deadlineSeconds: DEADLINE_SECONDS,
    retries,
  } as const;
  const step = {
    ...{ name, command: [], arguments: ["backup", verb, `/app/config/${platform}.yaml`] },
    ...{ variables: databaseRole === null ? {} : HISTORY, serviceAccount, databaseRole },
    ...(to !== null && { backupTarget: to }),
  };
  const { cpu } = defaults.workload;
  return { name, run, image: null, steps: [step], config: name, cpu, memory: MEMORY, home: HOME };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
