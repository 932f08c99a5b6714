/**
 * What the pod runs instead of the image's entry point, which needs root: makes the data once, has the superuser say what
 * it has to before anybody comes in, and becomes the server. Data that is half-made is made again. The group that owns
 * the volume opens the data's folder; PostgreSQL wants it closed.
 */
export const START_SCRIPT = `set -eu
umask 077
new="$PGDATA.new"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  rm -rf "$new"
  initdb --pgdata="$new" --username=postgres --auth=reject --encoding=UTF8 --locale=C --data-checksums --no-instructions
  mv "$new" "$PGDATA"
fi
chmod 0700 "$PGDATA"
said=$(postgres --single -D "$PGDATA" -c config_file=/etc/bucketworks/settings/postgresql.conf postgres 2>&1 >/dev/null </etc/bucketworks/secret/bootstrap.sql) || { echo "$said" >&2; exit 1; }
case $said in *ERROR:*|*FATAL:*) echo "$said" >&2; exit 1 ;; esac
exec postgres -D "$PGDATA" -c config_file=/etc/bucketworks/settings/postgresql.conf
`;
