import { GetObjectCommand, type ListObjectsV2CommandOutput, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { readBackupInfo } from "../../database/backup/backup-info.ts";
import type { Connection } from "../../provider/server/connection.ts";

/** What a store holds of one PostgreSQL server. */
export interface DatabaseArchive {
  /** Its name below the prefix. */
  readonly server: string;
  /** When the oldest and the newest whole base backup ended; null where there is none. */
  readonly first: Date | null;
  readonly last: Date | null;
  /** When the newest segment of its log was stored; null where there is none. */
  readonly logAt: Date | null;
}

export interface ArchivePlace {
  readonly bucket: string;
  /** Below which each server has a folder. */
  readonly prefix: string;
}

/**
 * Looks at the backups of every server below a prefix, as Barman stores them (`SERVER/base/ID/backup.info`, `SERVER/wals/FOLDER/SEGMENT`):
 * two listings and two small objects a server, however long its log is.
 */
export async function databaseArchives(
  store: Connection,
  { bucket, prefix }: ArchivePlace,
): Promise<DatabaseArchive[]> {
  const found: DatabaseArchive[] = [];
  for (const folder of await foldersIn(store, bucket, prefix)) {
    const whole = await baseBackups(store, bucket, await foldersIn(store, bucket, `${folder}base/`));
    const logAt = await newestSegment(store, bucket, `${folder}wals/`);
    found.push({ server: folder.slice(prefix.length, -1), ...whole, logAt });
  }
  return found;
}

/** Names have the time in them, so the first and the last that are whole are the oldest and the newest. */
async function baseBackups(
  store: Connection,
  bucket: string,
  folders: readonly string[],
): Promise<Pick<DatabaseArchive, "first" | "last">> {
  const firstWhole = async (among: readonly string[]): Promise<Date | null> => {
    for (const folder of among) {
      const info = await infoOf(store, bucket, folder);
      if (info?.isWhole && info.end !== null) return info.end;
    }
    return null;
  };
  const last = await firstWhole(folders.toReversed());
  return { last, first: last === null ? null : await firstWhole(folders) };
}

async function infoOf({ s3, signal }: Connection, Bucket: string, folder: string) {
  try {
    const asked = new GetObjectCommand({ Bucket, Key: `${folder}backup.info` });
    const { Body } = await s3.send(asked, { abortSignal: signal });
    return readBackupInfo((await Body?.transformToString()) ?? "");
  } catch (error) {
    // One that was interrupted has none.
    if ((error as Error).name === "NoSuchKey") return undefined;
    throw error;
  }
}

/** The newest timeline's newest folder has it: both are numbers that count up. */
async function newestSegment(store: Connection, bucket: string, prefix: string): Promise<Date | null> {
  const newest = (await foldersIn(store, bucket, prefix)).at(-1);
  if (newest === undefined) return null;
  const times: number[] = [];
  for await (const { Contents = [] } of pages(store, bucket, newest)) {
    times.push(...Contents.map(({ LastModified }) => LastModified?.getTime() ?? 0));
  }
  return times.length === 0 ? null : new Date(Math.max(...times));
}

async function foldersIn(store: Connection, bucket: string, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { CommonPrefixes = [] } of pages(store, bucket, prefix, "/")) {
    found.push(...CommonPrefixes.map(({ Prefix = "" }) => Prefix));
  }
  return found.sort();
}

function pages(
  { s3, signal }: Connection,
  Bucket: string,
  Prefix: string,
  Delimiter?: string,
): AsyncIterable<ListObjectsV2CommandOutput> {
  return paginateListObjectsV2({ client: s3 }, { Bucket, Prefix, Delimiter }, { abortSignal: signal });
}
