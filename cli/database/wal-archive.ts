import { paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { backupFaultText } from "../../backup/fault.ts";
import { type BackupPlace, walFolder } from "../../builders/postgres/barman.ts";
import type { BaseBackup } from "../../database/backup/catalog.ts";
import { type Gap, gapsAfter } from "../../database/backup/segments.ts";
import {
  FIRST_TIMELINE,
  historyName,
  historyTimeline,
  leadsOn,
  readHistory,
  type Timelines,
} from "../../database/backup/timelines.ts";
import { connect } from "../../provider/server/connection.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { interruption } from "../ending/signals.ts";
import { backupKey } from "../local/postgres/archive.ts";
import { fetchWal } from "./barman.ts";

/** Branches of the server's log that the archive has. */
export async function readTimelines(place: BackupPlace): Promise<Timelines> {
  // Histories lie beside the folders that hold the segments.
  const names = await filesOf(place, "/");
  const latest = Math.max(1, ...names.map((name) => historyTimeline(name) ?? 1));
  return latest === 1 ? FIRST_TIMELINE : readHistory(latest, await fetchWal(place, historyName(latest)));
}

/** What the archive lacks of the log, from the oldest base backup that leads to the newest timeline. */
export async function archiveGaps(
  place: BackupPlace,
  whole: readonly BaseBackup[],
  timelines: Timelines,
): Promise<Gap[]> {
  const first = whole.find(({ timeline, endPosition }) => leadsOn(timelines, timeline, endPosition));
  return first === undefined ? [] : gapsAfter(first, await filesOf(place, undefined), timelines);
}

async function filesOf(place: BackupPlace, Delimiter: string | undefined): Promise<string[]> {
  const address = new URL(place.endpoint);
  const { accessKey, secretKey } = backupKey(place);
  const config = {
    endpoint: address.host,
    secure: address.protocol === "https:",
    region: place.region,
    accessKey,
    secretKey,
  };
  const server = connect(config, interruption());
  try {
    const names: string[] = [];
    const asked = { Bucket: place.bucket, Prefix: walFolder(place), Delimiter };
    for await (const { Contents = [] } of paginateListObjectsV2({ client: server.s3 }, asked, {
      abortSignal: server.signal,
    })) {
      names.push(...Contents.map(({ Key = "" }) => Key.split("/").at(-1) ?? ""));
    }
    return names;
  } catch (error) {
    const asked = { server, key: "the key for database backups", cure: "run make up" };
    throw new CommandError(`the archived log can't be listed: ${backupFaultText(error, asked)}`, EXIT.couldNotLook);
  } finally {
    server.s3.destroy();
  }
}
