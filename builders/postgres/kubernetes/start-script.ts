/** Between two looks at a certificate, seconds. */
const PERIOD = 60;

/**
 * What the pod runs instead of the image's entry point, which needs root: makes the data once, has the superuser say what
 * it has to before anybody comes in, and becomes the server. Data that is half-made is made again. The group that owns
 * the volume opens the data's folder; PostgreSQL wants it closed.
 * @param certificate path; undefined without TLS
 */
export function startScript(certificate: string | undefined): string {
  return `set -eu
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
${certificate === undefined ? "" : followCertificate(certificate, PERIOD)}exec postgres -D "$PGDATA" -c config_file=/etc/bucketworks/settings/postgresql.conf
`;
}

/**
 * Lines before `exec postgres`, whose process they tell of another certificate: it reads its files at the start alone, and
 * would serve one that was renewed until it expires. One that doesn't fit its key is left alone, and the log says so.
 * Whoever looks is the server's child then, and any other end of it than its own (0 or 1) would be a crash to the server.
 * @param period between two looks, seconds
 */
export function followCertificate(file: string, period: number): string {
  return `served=$(cat ${file})
while sleep ${period} && kill -0 $$; do
  found=$(cat ${file}) || continue
  [ "$found" = "$served" ] || kill -HUP $$
  served=$found
done &
`;
}
