#!/bin/sh
# Judges the speed of a model API (docs/model-ci.md): of this checkout's own, or of the one that MODEL_API_URL names, whose tokens of
# predictors are MODEL_API_TOKENS. LOAD_SECONDS is how long it is asked (20).
set -eu
cd "$(dirname "$0")/../.."
own=.bucketworks
fail() {
  echo "ml-performance: $1" >&2
  exit 1
}
if [ -z "${MODEL_API_URL-}" ]; then
  folder=$own/services/mlops-model-api
  [ -s "$folder/endpoint" ] || fail "there is no model API here; run make up services model first, or name one by MODEL_API_URL"
  place=$(cat "$folder/endpoint")
  MODEL_API_URL=http://127.0.0.1:${place##*:}
  # One a caller: requests are counted by who asks.
  MODEL_API_TOKENS=
  for caller in 1 2 3 4; do
    token=$("$own/pipelines/mlops/bin/model-api" token --role predictor --subject "performance-$caller" --hours 1) || exit 1
    MODEL_API_TOKENS="$MODEL_API_TOKENS $token"
  done
fi
[ -n "${MODEL_API_TOKENS-}" ] || fail "MODEL_API_TOKENS is empty; give one or more tokens of the role predictor, one a caller"
# shellcheck disable=SC2086
set -- $MODEL_API_TOKENS
export MODEL_API_TOKENS
exec "$own/pipelines/load-test/bin/locust" --locustfile pipelines/load-test/locustfile.py --headless --only-summary \
  --loglevel WARNING --users $# --spawn-rate $# --host "$MODEL_API_URL"
