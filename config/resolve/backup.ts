import { defaults } from "../defaults.ts";
import type { Access, Backup, Grant, Workload } from "../model.ts";
import type { BackupSpec } from "../schema/backup.ts";
import { longestLock } from "../values/backup-lock.ts";
import { BACKUP_POLICY, backupAccount, backupName } from "../values/backup-names.ts";

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
  };
}

/** A prefix within another one would list keys twice. */
function outermost(prefixes: readonly string[]): string[] {
  const sorted = [...new Set(prefixes)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return sorted.filter((prefix) => !sorted.some((other) => other !== prefix && prefix.startsWith(other)));
}

/** A platform's access with the identity that makes its backups: it reads the sources, adds to the target, deletes nothing. */
export function withBackupIdentity(platform: string, access: Access, backup: Backup | null): Access {
  if (backup === null) return access;
  const name = backupName(platform);
  const prefixes = backup.prefix === "" ? [] : [backup.prefix];
  const lockDays = longestLock(backup.keepDays);
  const grants: Grant[] = [
    // Another server's identities are its owner's to make.
    ...(backup.to === null ? [{ role: "keep", bucket: backup.bucket, prefixes, lockDays } satisfies Grant] : []),
    ...backup.buckets.map(({ bucket, prefixes }): Grant => ({ role: "back_up", bucket, prefixes })),
  ];
  return {
    policies: [...access.policies, { key: BACKUP_POLICY, name, grants }].sort(byName),
    groups: access.groups,
    users: [...access.users, { name, policies: [name], groups: [] }].sort(byName),
    serviceAccounts: [...access.serviceAccounts, { name: backup.serviceAccount, user: name, policies: [name] }].sort(
      byName,
    ),
  };
}

/** What of a listing of many versions and of a manifest a run keeps. */
const MEMORY = "512Mi";
/** The whole manifest of a bucket, compressed, before it is stored. */
const HOME = "1Gi";
/** The first backup copies everything. */
const DEADLINE_SECONDS = 12 * 3600;

/** A platform's workloads with the job that makes its backups. */
export function withBackupJob(platform: string, workloads: readonly Workload[], backup: Backup | null): Workload[] {
  if (backup === null) return [...workloads];
  const name = backupName(platform);
  const { cpu } = defaults.workload;
  const job: Workload = {
    name,
    run: {
      ...{ kind: "scheduled_job", schedule: backup.schedule, timeZone: "Etc/UTC" },
      ...{ deadlineSeconds: DEADLINE_SECONDS, retries: 2 },
    },
    image: null,
    steps: [
      {
        ...{ name, command: [], arguments: ["backup", "run", `/app/config/${platform}.yaml`], variables: {} },
        ...{ serviceAccount: backup.serviceAccount, databaseRole: null },
        ...(backup.to !== null && { backupTarget: backup.to }),
      },
    ],
    config: name,
    ...{ cpu, memory: MEMORY, home: HOME },
  };
  return [...workloads, job].sort(byName);
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
