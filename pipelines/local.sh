#!/bin/sh
# The data programs on the local platform, one platform after another. Run by `make pipelines`, with the settings of
# toolchain/env.sh. A platform that fails stops no other one.
set -eu
cd "$(dirname "$0")"
# Metrics of their steps, where `make services` has a node_exporter that reads them.
metrics=$(cd .. && pwd)/.bucketworks/services/node_exporter/textfile
[ ! -d "$metrics" ] || export PIPELINE_METRICS_FOLDER="${PIPELINE_METRICS_FOLDER-$metrics}"
# Their logs, for the store of logs to read (docs/logs.md).
LOG_FOLDER=${LOG_FOLDER:-$(dirname "$(pwd)")/.bucketworks/logs}
export LOG_FOLDER
failed=
for platform in cybersec dataops; do
  code=0
  sh "$platform/local.sh" || code=$?
  [ "$code" -lt 128 ] || exit "$code" # somebody ended it
  [ "$code" = 0 ] || failed="$failed $platform"
done
[ -z "$failed" ] || {
  echo "pipelines: failed or has findings:$failed; see above" >&2
  exit 1
}
