import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { backupPassword } from "../../builders/postgres/backup-role.ts";
import { MAINTENANCE_DATABASE } from "../../builders/postgres/passwords.ts";
import { BACKUP_ROLE } from "../../config/values/database-names.ts";
import { connect, refusal } from "../../database/connection.ts";
import type { Checkout } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { stopIfInterrupted } from "../ending/signals.ts";
import { postgres } from "../local/postgres/service.ts";
import { readText } from "../local/private-files.ts";
import { HOST } from "../local/service/local-service.ts";
import { runningPorts } from "../local/service/start.ts";

/** How long a segment may take until the store has it, milliseconds. */
const PATIENCE = 60_000;
/** Held while a base backup is made: "bwbackup" as a number. */
const ONE_BACKUP = 7_093_009_341_547_377;

/** What the server says of its archive. */
export interface ArchiveState {
  /** Segments that it couldn't archive since its statistics begin, and when it last couldn't. */
  readonly failures: number;
  readonly lastFailure: Date | null;
  readonly lastArchived: Date | null;
  /** Whether the newest try failed: the log waits in the server. */
  readonly isFailing: boolean;
  /** Bytes of log that the store hasn't got yet; null where the server doesn't tell what it archived last. */
  readonly waiting: number | null;
}

/**
 * For how many seconds before `at` changes would be lost with the server: since the newest segment that the store has was archived.
 * Null where the server doesn't tell: its statistics end with a crash, and an archived history of a timeline is no segment.
 */
export function lossBefore(
  at: Date,
  { waiting, lastArchived }: Pick<ArchiveState, "waiting" | "lastArchived">,
): number | null {
  if (waiting === null || lastArchived === null) return null;
  return waiting === 0 ? 0 : Math.max(0, (at.getTime() - lastArchived.getTime()) / 1000);
}

/** The checkout's server, as the role that makes backups. */
export interface LiveServer {
  readonly port: number;
  readonly client: pg.Client;
}

/** Undefined where it doesn't run. The caller ends the client. @throws CommandError where it keeps no backups */
export async function liveServer(checkout: Checkout): Promise<LiveServer | undefined> {
  const ports = await runningPorts(postgres(checkout));
  if (ports === undefined) return undefined;
  const password = backupPassword(readText(checkout.postgres.key) ?? "");
  const login = { user: BACKUP_ROLE, password, database: MAINTENANCE_DATABASE };
  try {
    return { port: ports.sql, client: await connect({ host: HOST, port: ports.sql, ca: undefined }, login) };
  } catch (error) {
    if (refusal(error) === undefined) throw error;
    const why = `PostgreSQL on ${HOST}:${ports.sql} was started without backups; run make up`;
    throw new CommandError(why, EXIT.couldNotLook);
  }
}

export async function archiveState({ client }: Pick<LiveServer, "client">): Promise<ArchiveState> {
  const { rows } = await client.query<{
    failed_count: string;
    last_failed_time: Date | null;
    last_archived_time: Date | null;
    waiting: string | null;
  }>(`SELECT failed_count, last_failed_time, last_archived_time,
    CASE WHEN last_archived_wal ~ '^[0-9A-F]{24}' THEN greatest(0, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')
      - (('x' || substr(last_archived_wal, 9, 8))::bit(32)::bigint * 4294967296::numeric
        + (('x' || substr(last_archived_wal, 17, 8))::bit(32)::bigint + 1) * 16777216)) END AS waiting
    FROM pg_stat_archiver`);
  const [row] = rows;
  const lastFailure = row?.last_failed_time ?? null;
  const lastArchived = row?.last_archived_time ?? null;
  return {
    failures: Number(row?.failed_count ?? 0),
    lastFailure,
    lastArchived,
    isFailing: lastFailure !== null && (lastArchived === null || lastFailure > lastArchived),
    waiting: row?.waiting == null ? null : Math.round(Number(row.waiting)),
  };
}

/** Runs `work` while no other base backup of the server is made. @throws CommandError where one is */
export async function alone<T>({ client }: LiveServer, work: () => Promise<T>): Promise<T> {
  const { rows } = await client.query<{ mine: boolean }>("SELECT pg_try_advisory_lock($1) AS mine", [ONE_BACKUP]);
  if (rows[0]?.mine !== true)
    throw new CommandError(
      "another base backup of this server is being made; run it again when it is done",
      EXIT.findings,
    );
  return work();
}

/**
 * Brings all that was committed until now into the store: commits a transaction of its own, so that the log knows of a moment
 * after the others, begins a new segment, and waits until the one before is archived.
 * @returns the moment; undefined where the store doesn't take the log
 */
export async function archiveNow({ client }: LiveServer): Promise<Date | undefined> {
  // Its commit is later than this moment, so that a recovery finds where to stop.
  const since = await client.query<{ now: Date }>("SELECT clock_timestamp() AS now, pg_current_xact_id()");
  const { rows } = await client.query<{ segment: string }>("SELECT pg_walfile_name(pg_switch_wal()) AS segment");
  const moment = since.rows[0]?.now ?? new Date();
  const wanted = rows[0]?.segment ?? "";
  for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; await sleep(100)) {
    stopIfInterrupted();
    const { rows: found } = await client.query<{ is_there: boolean; failed: boolean }>(
      `SELECT coalesce(last_archived_wal >= $1, false) AS is_there,
        coalesce(last_failed_time > $2 AND last_failed_wal <= $1, false) AS failed FROM pg_stat_archiver`,
      [wanted, moment],
    );
    if (found[0]?.is_there) return moment;
    if (found[0]?.failed) return undefined;
  }
  return undefined;
}
