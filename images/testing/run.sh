#!/bin/sh
# Judges the data programs, and ends with the first fault. One test asks `bucketworks path`: it needs Node, which isn't here.
set -eu
cd /opt/testing/pipelines
ruff check --no-cache --quiet .
ruff format --no-cache --quiet --check .
for package in shared/tests dataops/tests/unit; do
  (cd "${package%%/*}" && python -m pytest -q -p no:cacheprovider -k "not bucketworks_path" "${package#*/}")
done
