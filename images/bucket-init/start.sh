#!/bin/sh
# Makes the image's checkout one whose servers are those of Compose, and runs a command in it. State and what else is kept lies in
# .bucketworks, a volume; secrets are links to Compose's files.
#   start.sh COMMAND...
set -eu
umask 077
cd /opt/bucketworks
own=.bucketworks
mkdir -p "$own/minio" "$own/postgres" "$own/services"
secret() {
  [ -s "/run/secrets/$1" ] || { echo "bucket-init: secret $1 is missing; run bin/bucketworks compose secrets" >&2; exit 3; }
  ln -sfn "/run/secrets/$1" "$own/$2"
}
secret minio-root-user minio/root-user
secret minio-root-password minio/root-password
secret database-key postgres/key
secret state-passphrase passphrase
echo minio:9000 >"$own/minio/endpoint"
echo postgres:5432 >"$own/postgres/endpoint"
# A volume each, which the service mounts, too.
for each in /services/*; do
  [ ! -d "$each" ] || ln -sfn "$each" "$own/services/"
done
# Of this machine's networks: no certificate, and no way out.
export MINIO_SECURE=false
sh toolchain/bootstrap.sh --engine --quiet
. toolchain/env.sh
exec "$@"
