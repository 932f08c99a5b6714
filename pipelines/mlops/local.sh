#!/bin/sh
# A model for the local platform: its texts, then a training that registers it, each by the key of its own service account. Run by
# `make model`; MODEL names another one than the identity masker, TEXTS a file of texts instead of made ones. `gated`
# (`make model-pipeline`) runs the stages of dvc.yaml in between, and adds features of the texts.
set -eu
cd "$(dirname "$0")/../.."
. pipelines/logins.sh
model=${MODEL:-identity-masker}
endpoint=$own/services/mlops-mlflow/endpoint
[ -s "$endpoint" ] || fail "there is no MLflow of mlops yet; run make services first"
place=$(cat "$endpoint")
# With what a command logs in to MLflow, where that asks for it: as its account, where the platform's file names that under
# logins, else as commands of this checkout do.
#   registry ACCOUNT
registry() {
  for login in "$1" bucketworks; do
    file=$own/services/mlops-mlflow/logins/$login-password
    [ -s "$file" ] || continue
    MLFLOW_TRACKING_USERNAME=$login
    MLFLOW_TRACKING_PASSWORD=$(cat "$file")
    export MLFLOW_TRACKING_USERNAME MLFLOW_TRACKING_PASSWORD
    return
  done
}
MLFLOW_TRACKING_URI=http://127.0.0.1:${place##*:}
PIPELINE_METRICS_FOLDER=$own/services/node_exporter/textfile
[ -d "$PIPELINE_METRICS_FOLDER" ] || PIPELINE_METRICS_FOLDER=
# Its logs, for the store of logs to read (docs/logs.md).
LOG_FOLDER=${LOG_FOLDER:-$own/logs}
PATH=$own/pipelines/mlops/bin:$PATH
export MLFLOW_TRACKING_URI PIPELINE_METRICS_FOLDER LOG_FOLDER PATH

# A command, with the key of an account and no other.
#   as ACCOUNT COMMAND...
as() {
  account=$1
  given=$(settings "$account" -) || exit 1
  shift
  (
    set -a
    eval "$given"
    set +a
    registry "$account"
    exec "$@"
  )
}

as mlops-data-pipeline model-data "$model" ${TEXTS:+--file "$TEXTS"}
if [ "${1-}" = gated ]; then
  # dvc.yaml names one model, the configuration that it reads.
  [ "$model" = identity-masker ] || fail "dvc.yaml has the stages of identity-masker alone; make model trains $model, without gates"
  PATH=$own/pipelines/data-gates/bin:$PATH
  DVC_SITE_CACHE_DIR=$own/pipelines/dvc/site
  export DVC_SITE_CACHE_DIR
  remote=pipelines/mlops/.dvc/config.local
  rm -f "$remote" # a file that is there keeps its mode
  (umask 077 && exec bin/bucketworks key show mlops-data-pipeline --format dvc --stdout --quiet >"$remote")
  as mlops-data-pipeline dvc --cd pipelines/mlops repro
  as mlops-data-pipeline dvc --cd pipelines/mlops push
  # Of data that passed the gates, by the packages that write Parquet.
  as mlops-data-pipeline "$own/pipelines/venv/bin/model-features" "$model" --labels pipelines/mlops/data/labels.csv
fi
as mlops-model-training model-training "$model" ${MOVE_ALIAS:+--move-alias}
