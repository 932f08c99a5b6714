#!/bin/sh
# The cybersecurity day on the local platform: ingestion and its audit, then SILVER, a detector and its evaluation, each by the
# key of its own service account. Run by pipelines/local.sh. What transform and reconcile find in RAW stops nothing after them; it
# is exit code 1 in the end.
set -eu
cd "$(dirname "$0")/../.."
. pipelines/logins.sh

# For how many days the server keeps objects of RAW and of SILVER, by the model of `make up`; 0 where for ever.
kept_days() {
  bin/bucketworks explain --stage dev --format json | "$own/pipelines/venv/bin/python" -c '
import json, sys
buckets = [bucket for one in json.load(sys.stdin)["platforms"] for bucket in one["buckets"]]
days = {bucket["name"]: bucket["retentionDays"] or 0 for bucket in buckets}
print(days["cybersec-ml-raw"], days["cybersec-ml-silver"])'
}

# A command of the package, with the settings of an account and a role (- is none) and no others.
#   as ACCOUNT ROLE COMMAND...
as() {
  given=$(settings "$1" "$2") || exit 1
  shift 2
  (
    set -a
    eval "$given"
    set +a
    cd "$own/pipelines/cybersec"
    command=$own/pipelines/venv/bin/$1
    shift
    exec "$command" "$@"
  )
}

mkdir -p "$own/pipelines/cybersec"
uri=$(as cybersec-ingestion-job cybersec_ingestion ingest)
echo "ingested: $uri"
echo "local files: $own/pipelines/cybersec/data"
echo "history:"
as cybersec-reconciliation-job cybersec_auditor history
echo "lineage:"
as cybersec-reconciliation-job cybersec_auditor lineage "$uri"
days=$(kept_days)
raw_days=${days% *} silver_days=${days#* }
[ "$raw_days" != 0 ] || raw_days=
[ "$silver_days" != 0 ] || silver_days=
found=0
echo "transform, train, evaluate:"
as cybersec-transformation-job - transform ${silver_days:+--kept-days "$silver_days"} || found=1
as cybersec-training-job - train
as cybersec-evaluation-job - evaluate
echo "reconcile:"
as cybersec-reconciliation-job cybersec_auditor reconcile ${raw_days:+--kept-days "$raw_days"} || found=1
exit "$found"
