#!/bin/sh
# Python's packages of pipelines/, in an environment below .bucketworks; installed again only when what they are made from is
# another. `--lock` writes their pins anew, from what the packages ask for and the index has. `--mlflow-server` installs the
# server of MLflow that tests need, into an environment of its own; `--database-backup` Barman, `--data-gates` DVC
# and what judges the data of models, `--experiments` the statistics of experiments, `--features` the
# feature store, `--hopsworks` the client of Hopsworks, `--jupyter` JupyterLab and what notebooks use, `--mlops` the
# packages of mlops alone, for the model API, `--spark` the packages of dataops with Spark, and `--airflow` Airflow with python/, as well.
set -eu
cd "$(dirname "$0")/.."
own=.bucketworks/pipelines
lock=$own.lock
case ${1-} in
  --spark) environment=$own/spark pins=pipelines/requirements-spark.txt ours='shared dataops' ;;
  --mlops) environment=$own/mlops pins=pipelines/mlops/requirements.txt ours='shared mlops' ;;
  --mlflow-server) environment=$own/mlflow-server pins=pipelines/mlflow-server/requirements.txt ours= ;;
  --database-backup) environment=$own/database-backup pins=pipelines/database-backup/requirements.txt ours= ;;
  --data-gates) environment=$own/data-gates pins=pipelines/data-gates/requirements.txt ours='shared data-gates' ;;
  --experiments) environment=$own/experiments pins=pipelines/experiments/requirements.txt ours= ;;
  --load-test) environment=$own/load-test pins=pipelines/load-test/requirements.txt ours= ;;
  --features) environment=$own/features ours='shared features'
    pins='pipelines/features/requirements.txt pipelines/features/requirements-dev.txt' ;;
  --hopsworks) environment=$own/hopsworks ours='shared features hopsworks-store'
    pins='pipelines/hopsworks-store/requirements.txt pipelines/hopsworks-store/requirements-dev.txt' ;;
  --jupyter) environment=$own/jupyter pins=pipelines/jupyter/requirements.txt ours=jupyter ;;
  --airflow) environment=$own/airflow pins=python/airflow/requirements.txt ours=../python ;;
  *) environment=$own/venv pins=pipelines/requirements.txt ours='shared cybersec dataops mlops' ;;
esac
installed=$environment.installed

fail() {
  echo "toolchain: $1" >&2
  exit 1
}

# Programs and packages of the environment name their folder, and the Python they were installed for.
made_from() {
  pwd -P
  "$environment/bin/python" -c 'import sys; print(sys.version_info[:2])' || return 1
  cat $pins # one word a file
  for each in $ours; do cat "pipelines/$each/pyproject.toml"; done
}

whole() {
  [ -x "$environment/bin/python" ] && made_from 2>/dev/null | cmp -s - "$installed"
}

if [ "${1-}" != --lock ] && whole; then exit 0; fi
sh toolchain/bootstrap.sh --uv --quiet
. ./toolchain/env.sh
# A Python of the machine: uv's own ones come from a place that closed networks don't reach.
python=$(uv python find --no-project --system '>=3.11' 2>/dev/null) ||
  fail "Python 3.11 or later is needed for pipelines/, and there is none here; install python3 (Debian 12 or later), or from https://www.python.org"
if [ "${1-}" = --lock ]; then
  # Names, versions and hashes of every system, and no address: where packages come from is the machine's own affair.
  cd pipelines && rm -f uv.lock && uv lock --quiet --python "$python"
  export_pins() {
    uv export --quiet --frozen --no-emit-workspace --no-header --no-annotate --format requirements.txt "$@" >/dev/null
  }
  export_pins --all-packages -o requirements.txt
  export_pins --package dataops-pipeline --no-dev --group spark -o requirements-spark.txt
  export_pins --package mlops-pipeline --no-dev -o mlops/requirements.txt
  # An image has its own package's alone, without the tools that judge it.
  for file in */Dockerfile; do
    package=${file%/Dockerfile}
    case $package in mlflow-server | database-backup | features) continue ;; esac # locked below, apart from the others
    export_pins --package "$package-pipeline" --no-dev -o "$package/requirements.txt"
  done
  for alone in mlflow-server database-backup data-gates experiments features hopsworks-store load-test jupyter ../python/airflow; do
    (cd "$alone" && rm -f uv.lock && uv lock --quiet --python "$python" && export_pins -o requirements.txt)
  done
  # Its image has no tools that judge it; its environment has them beside.
  for tested in features hopsworks-store; do
    (cd "$tested" && export_pins --no-dev -o requirements.txt && export_pins --only-group dev -o requirements-dev.txt)
  done
  exit 0
fi

uv=
# After a signal: uv has ended before the lock is let go. What it left is no whole installation, and made anew.
stopped() {
  [ -z "$uv" ] || kill "$uv" 2>/dev/null || true
  [ -z "$uv" ] || wait "$uv" 2>/dev/null || true
  exit "$1"
}
. ./toolchain/lock.sh
mkdir -p "$own"
take_lock "$lock" "packages of pipelines/"
trap 'rm -rf "$lock"' EXIT
trap 'stopped 130' INT
trap 'stopped 143' TERM
trap 'stopped 129' HUP
! whole || exit 0
# beside us, so that a signal that reached this shell alone is heard at once, and uv ends with it
step() {
  "$@" &
  uv=$!
  wait "$uv" || fail "uv could not install the packages of pipelines/ (its lines are above)"
  uv=
}
rm -f "$installed"
step uv venv --quiet --clear --no-project --python "$python" "$environment"
# shellcheck disable=SC2046 # one word a file
step uv pip install --quiet --python "$environment" --require-hashes --no-deps $(printf -- '-r %s ' $pins)
for each in $ours; do step uv pip install --quiet --python "$environment" --no-deps -e "pipelines/$each"; done
# JupyterLab has a script of Node that is no module; without this file one above says that all are.
case ${1-} in --jupyter) echo '{}' >"$environment/package.json" ;; esac
made_from >"$installed"
