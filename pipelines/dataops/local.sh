#!/bin/sh
# One run of DataOps on the local platform, from an exchange of our own to a consumer's query, each step by its own login.
# Run by pipelines/local.sh. Each time it goes on with the next week of made-up candles.
set -eu
cd "$(dirname "$0")/../.."
. pipelines/logins.sh
program=$(pwd)/pipelines/dataops
python=$own/pipelines/venv/bin/python
folder=$own/pipelines/dataops
table=raw_binance_btcusdt_spot

umask 077
mkdir -p "$folder"
logins=$(mktemp -d)
exchange=
end() {
  [ -z "$exchange" ] || kill "$exchange" 2>/dev/null || true
  rm -rf "$logins"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

settings dataops-loader-job dataops_loader >"$logins/extract.env"
cp "$logins/extract.env" "$logins/load.env"
settings dataops-validator-job dataops_validator >"$logins/validate.env"
settings dataops-transformer-job dataops_loader >"$logins/transform.env"
settings dataops-promoter-job dataops_promoter >"$logins/promote.env"
settings dataops-consumer-app dataops_consumer >"$logins/query.env"

"$python" "$program/tests/exchange.py" 0 >"$logins/exchange" &
exchange=$!
tries=0
while [ ! -s "$logins/exchange" ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 100 ] && kill -0 "$exchange" 2>/dev/null || fail "the exchange of candles on 127.0.0.1 doesn't start"
  sleep 0.1
done
SOURCE_URL=$(cat "$logins/exchange")
export SOURCE_URL

# A command of the package, as a consumer.
consumer() {
  (
    set -a
    . "$logins/query.env"
    set +a
    exec "$python" "$program/pipeline.py" "$@" --table "$table" --data "$folder/data"
  )
}

# For how many days the server keeps objects of production, by the model of `make up`; nothing where for ever.
kept_days() {
  bin/bucketworks explain --stage dev --format json | "$python" -c '
import json, sys
platforms = json.load(sys.stdin)["platforms"]
(found,) = (each for one in platforms for each in one["buckets"] if each["name"] == "dataops-production")
print(found["retentionDays"] or "")'
}

"$python" "$program/pipeline.py" run --table "$table" --data "$folder/data" --logins "$logins"
newest=$(consumer query --limit 1 --format json | "$python" -c 'import json, sys; print(json.load(sys.stdin)["rows"][0]["open_time"])')
echo "lineage of the newest row:"
consumer lineage "$newest"
echo "reconcile:"
days=$(kept_days)
consumer reconcile ${days:+--kept-days "$days"}
