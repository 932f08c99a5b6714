#!/bin/sh
# A model for the local platform: its texts, then a training that registers it, each by the key of its own service account. Run by
# `make model`; MODEL names another one than the identity masker.
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
export MLFLOW_TRACKING_URI PIPELINE_METRICS_FOLDER LOG_FOLDER

# A command of the package, with the key of an account and no other.
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
    command=$own/pipelines/mlops/bin/$1
    shift
    exec "$command" "$@"
  )
}

as mlops-data-pipeline model-data "$model"
as mlops-model-training model-training "$model" ${MOVE_ALIAS:+--move-alias}
