#!/bin/sh
# The cybersecurity day on the local platform: ingestion, history, lineage of what was ingested, and both sides compared.
# Run by pipelines/local.sh.
set -eu
cd "$(dirname "$0")/../.."
. pipelines/logins.sh

# A command of the package, with the settings of an account and a role and no others.
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

# For how many days the server keeps objects of RAW, by the model of `make up`; nothing where for ever.
kept_days() {
  bin/bucketworks explain --stage dev --format json | "$own/pipelines/venv/bin/python" -c '
import json, sys
platforms = json.load(sys.stdin)["platforms"]
(raw,) = (each for one in platforms for each in one["buckets"] if each["name"] == "cybersec-ml-raw")
print(raw["retentionDays"] or "")'
}

mkdir -p "$own/pipelines/cybersec"
uri=$(as cybersec-ingestion-job cybersec_ingestion ingest)
echo "ingested: $uri"
echo "local files: $own/pipelines/cybersec/data"
echo "history:"
as cybersec-reconciliation-job cybersec_auditor history
echo "lineage:"
as cybersec-reconciliation-job cybersec_auditor lineage "$uri"
echo "reconcile:"
days=$(kept_days)
as cybersec-reconciliation-job cybersec_auditor reconcile ${days:+--kept-days "$days"}
