import type { Backup, ResolvedModel } from "../../config/model.ts";
import { nearest } from "../../config/values/nearest.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import { ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { stackOutputs } from "../pulumi/stack-outputs.ts";
import { namedTarget } from "../target/server-option.ts";
import { loadTarget } from "../target/target.ts";
import type { BackupOptions } from "./options.ts";
import { type BackupServer, otherServer } from "./target-server.ts";

/** One platform's backup, with the server and the key by which a command works on it. */
export interface Chosen {
  readonly platform: string;
  readonly backup: Backup;
  readonly server: ServerAddress;
  /** Whose key it is, for messages. */
  readonly key: string;
  /** Whether a service account of the specs has it: then `pulumi up` gives it its rights. */
  readonly isGenerated: boolean;
  /** Where the backups are; undefined is the same server, by the same key. */
  readonly other: BackupServer | undefined;
}

/** The server that backups are read from. */
export function backupsAt({ server, key, other }: Chosen): BackupServer {
  return other ?? { server, key };
}

/** The service account whose key makes backups. */
const maker = ({ serviceAccount }: Backup): string => serviceAccount;

/**
 * The backups that a command is about: those of the specs, or what of them its options name.
 * @param accountOf whose key the command works with, where a stack has it; null is the stack's own
 * @throws CommandError where there is none, or the server or a key can't be found
 */
export async function chosenBackups(
  files: readonly string[],
  options: BackupOptions,
  accountOf: (backup: Backup) => string | null = maker,
): Promise<Chosen[]> {
  const { stage, server: url, caFile } = options;
  const env = process.env;
  if (url !== undefined) {
    const { model, server } = namedTarget({ url, caFile }, { stage, files, env });
    const key = `the key in ${server.credentialsFrom}`;
    return withOthers(
      choose(model, options).map((each) => ({ ...each, server, key, isGenerated: accountOf(each.backup) !== null })),
      options,
    );
  }
  const { model, server } = loadTarget({ stage, files, env });
  const chosen = choose(model, options);
  const isAsked = chosen.some(({ backup }) => accountOf(backup) !== null);
  const outputs = isAsked ? await stackOutputs(ownRoot(), env, stage) : undefined;
  const found = chosen.map((each) => {
    const name = accountOf(each.backup);
    if (name === null) return { ...each, server, key: `the key of ${server.credentialsFrom}`, isGenerated: false };
    const credential = outputs?.credentials[name];
    if (credential === undefined) {
      const does = name === each.backup.serviceAccount ? "makes" : "restores by way of trial";
      const message = `stack ${stage} has no key of ${name}, which ${does} the backups of ${each.platform}; run pulumi up`;
      throw new CommandError(message, EXIT.couldNotLook);
    }
    const key = `the key of ${name} (stack ${stage})`;
    return { ...each, key, isGenerated: true, server: { ...server, ...credential, credentialsFrom: key } };
  });
  return withOthers(found, options);
}

/** One after the other: each may ask Pulumi for a key. */
async function withOthers(found: readonly Omit<Chosen, "other">[], options: BackupOptions): Promise<Chosen[]> {
  const chosen: Chosen[] = [];
  for (const each of found) chosen.push({ ...each, other: await otherServer(each.backup, options) });
  return chosen;
}

export type Named = Pick<Chosen, "platform" | "backup">;

/** The one backup of a bucket. @throws CommandError where there is none, or more than one */
export function backupOf(model: ResolvedModel, asked: Pick<BackupOptions, "platform" | "bucket" | "stage">): Named {
  const [found, ...others] = choose(model, asked);
  if (found !== undefined && others.length === 0) return found;
  const names = [found, ...others].map((each) => each?.platform).join(" and ");
  throw new CommandError(`bucket ${asked.bucket} is backed up by ${names}; name one by --platform`, EXIT.wrongUse);
}

/** Backups of the specs that options name. @throws CommandError where there is none */
function choose(
  { platforms }: ResolvedModel,
  { platform, bucket, stage }: Pick<BackupOptions, "platform" | "bucket" | "stage">,
): Named[] {
  const all = platforms.flatMap(({ name, backup }): Named[] => (backup === null ? [] : [{ platform: name, backup }]));
  if (all.length === 0) {
    throw new CommandError(`no platform of stage ${stage} has a backup; write one (docs/backup.md)`, EXIT.wrongUse);
  }
  const ofPlatform = platform === undefined ? all : all.filter((each) => each.platform === platform);
  if (ofPlatform.length === 0) {
    throw unknown(
      "platform",
      platform ?? "",
      "has a backup",
      all.map((each) => each.platform),
    );
  }
  if (bucket === undefined) return ofPlatform;
  const found = ofPlatform.flatMap(({ backup, ...rest }): Named[] => {
    const buckets = backup.buckets.filter((each) => each.bucket === bucket);
    return buckets.length === 0 ? [] : [{ ...rest, backup: { ...backup, buckets } }];
  });
  if (found.length > 0) return found;
  const there = ofPlatform.flatMap(({ backup }) => backup.buckets.map((each) => each.bucket));
  throw unknown("bucket", bucket, "is backed up", there);
}

function unknown(kind: string, name: string, has: string, there: readonly string[]): CommandError {
  const near = nearest(name, there);
  const hint = near === null ? `there are ${there.join(", ")}` : `did you mean ${near}?`;
  return new CommandError(`no ${kind} ${name} ${has}; ${hint}`, EXIT.wrongUse);
}
