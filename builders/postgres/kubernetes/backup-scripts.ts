import { shellWord } from "../../../config/text/shell.ts";
import { BARMAN, type BackupPlace, barmanCommand, preamble } from "../barman.ts";

/** Where the server and the archiver beside it speak with one another, by files. */
export const EXCHANGE = "/var/run/bucketworks";
/** Data that were fetched and aren't a server's yet. */
const FETCHED = '"$PGDATA.fetched"';
const RESTORED = '"$PGDATA.restored"';
/** File beside them that says which server's and which moment's they are to become. */
const ORDER = "bucketworks.order";

/** Seconds that PostgreSQL waits for an answer: three tries have to fit into the time that a pod has to end. */
const ARCHIVE_SECONDS = 15;
const RESTORE_SECONDS = 300;

/**
 * Shell by which the number that initdb gave the data becomes a part of the server's name in the store: data that were made anew
 * begin their log at the same names as those before.
 */
function withNumber({ python, server }: BackupPlace): string {
  const read = 'import sys; print(int.from_bytes(open(sys.argv[1], "rb").read(8), sys.byteorder))';
  return `${shellWord(`${server}-`)}"$(${shellWord(python)} -c ${shellWord(read)} "$PGDATA/global/pg_control")"`;
}

/**
 * What PostgreSQL calls to have a segment archived (`archive NAME`), or brought back (`restore NAME PATH`): it asks the archiver
 * beside it, which has the store's key, and ends as that says.
 */
export function askScript(): string {
  return `set -u
what=$1.$2
answer=${EXCHANGE}/answer.$what
case $1 in
  # One that nobody waited for any more still holds.
  archive) waits=$((${ARCHIVE_SECONDS} * 5)) otherwise=1 ;;
  *) waits=$((${RESTORE_SECONDS} * 5)) otherwise=255; rm -f "$answer" ;;
esac
[ -e "$answer" ] || : >"${EXCHANGE}/ask.$what" || exit "$otherwise"
until [ -e "$answer" ]; do
  waits=$((waits - 1))
  if [ "$waits" -le 0 ]; then
    echo "backup: the archiver beside this server gave no answer for $2 in time; its log says more" >&2
    exit "$otherwise"
  fi
  sleep 0.2
done
read -r code <"$answer"
rm -f "$answer"
if [ "$1" = restore ] && [ "$code" -eq 0 ]; then mv "${EXCHANGE}/segment.$2" "$3" || exit 255; fi
# No such segment is the end of the log, and nothing to tell of.
[ "$code" -eq 0 ] || [ "$what.$code" = "restore.$2.1" ] || echo "backup: the archiver couldn't $1 $2 ($code); its log says why" >&2
exit "$code"
`;
}

/**
 * What runs beside the server: takes what is asked for, has Barman do it, answers with how that ended.
 * @param from whose log is brought back; undefined where nothing is restored
 */
export function archiverScript(place: BackupPlace, from: string | undefined): string {
  const archive = barmanCommand(place, BARMAN.archiveWal, ["--gzip"], withNumber(place));
  const options = ["--no-partial", "--spool-dir", `${place.scratch}/spool`];
  const restore = barmanCommand(place, BARMAN.restoreWal, options, shellWord(from ?? place.server));
  return `${preamble(place)}trap 'exit 0' TERM INT
cd ${EXCHANGE} || exit 1
while :; do
  for ask in ask.*; do
    [ -e "$ask" ] || continue
    rm -f "$ask"
    what=\${ask#ask.}
    name=\${what#*.}
    case $what in
      archive.*) ${archive} "$PGDATA/pg_wal/$name"; code=$? ;;
      restore.*)
        ${restore} "$name" "${EXCHANGE}/segment.$name"; code=$?
        # Where the store says that there is none the log ends; what failed otherwise ends the recovery.
        [ "$code" -le 1 ] || code=255 ;;
      *) continue ;;
    esac
    [ "$code" -eq 0 ] || [ "$what" != "archive.$name" ] || echo "backup: $name isn't archived (Barman ended with $code)" >&2
    echo "$code" >.answer && mv .answer "answer.$what"
  done
  # beside us, so that a signal is heard at once
  sleep 0.2 & wait $!
done
`;
}

/** A base backup of the running server, whose data lie where it has them. */
export function baseBackupScript(place: BackupPlace): string {
  const backup = barmanCommand(
    place,
    BARMAN.backup,
    ["--immediate-checkpoint", "--gzip", "-d", "postgres"],
    withNumber(place),
  );
  return `${preamble(place)}exec ${backup}
`;
}

/** Of those that were whole by a moment the newest. */
const CHOOSE = `import json, sys
from datetime import datetime
server, to = sys.argv[1:]
end = lambda backup: datetime.fromisoformat(backup["end_time_iso"])
whole = [each for each in json.load(sys.stdin)["backups_list"] if each["status"] == "DONE"]
if to != "latest": whole = [each for each in whole if end(each) <= datetime.fromisoformat(to)]
if not whole: sys.exit(f"backup: no base backup of {server} was whole at {to}")
print(max(whole, key=end)["backup_id"])`;

/** Fetches the base backup from which a moment is restored, where the server has no data yet: nothing is restored over data. */
export function fetchScript(place: BackupPlace, { server, to }: Restoring): string {
  const from = shellWord(server);
  const list = barmanCommand(place, BARMAN.list, ["--format", "json"], from);
  const moment = to === "latest" ? to : new Date(to).toISOString().replace("Z", "+00:00");
  // What was fetched for another order is no server's data yet: a moment that can't be had may be corrected.
  const order = shellWord(`${server} ${moment}`);
  return `${preamble(place)}[ ! -s "$PGDATA/PG_VERSION" ] || exit 0
[ "$(cat ${RESTORED}/${ORDER} 2>/dev/null)" != ${order} ] || exit 0
rm -rf ${FETCHED} ${RESTORED}
found=$(${list}) || { echo "backup: the base backups of "${from}" can't be listed" >&2; exit 1; }
base=$(printf %s "$found" | ${shellWord(place.python)} -c ${shellWord(CHOOSE)} ${from} ${moment}) || exit 1
echo "backup: fetching base backup $base"
${barmanCommand(place, BARMAN.restore, [], from)} "$base" ${FETCHED} || exit 1
printf %s ${order} >${FETCHED}/${ORDER} && : >${FETCHED}/recovery.signal && mv ${FETCHED} ${RESTORED}
`;
}

/** What a new server begins with. */
export interface Restoring {
  /** Name of the server below the prefix whose backups they are. */
  readonly server: string;
  /** ISO 8601 with a zone, or `latest`. */
  readonly to: string;
}

/**
 * Brings the fetched data to the moment, by the server's own image: it takes no connections from outside meanwhile and archives
 * nothing, and what it writes of its new timeline is left for the archiver of the server that it becomes.
 */
export function recoverScript({ to }: Restoring, { settings, socket }: { settings: string; socket: string }): string {
  const target =
    to === "latest"
      ? ""
      : ` -c recovery_target_time=${shellWord(new Date(to).toISOString().replace("T", " ").replace("Z", "+00"))}`;
  return `set -eu
[ ! -s "$PGDATA/PG_VERSION" ] || exit 0
data=${RESTORED}
chmod 0700 "$data"
rm -f "$data/postmaster.pid"
postgres -D "$data" -c config_file=${settings}/postgresql.conf -c listen_addresses= -c archive_command= -c restore_command='/bin/sh ${settings}/ask.sh restore "%f" "%p"' -c recovery_target_timeline=latest -c recovery_target_action=promote${target} &
server=$!
until [ "$(psql -U postgres -h ${socket} -Atqc 'SELECT pg_is_in_recovery()' postgres 2>/dev/null)" = f ]; do
  kill -0 "$server" 2>/dev/null || { wait "$server"; exit 1; }
  sleep 1
done
kill -INT "$server"
wait "$server"
mv "$data" "$PGDATA"
`;
}
