#!/bin/sh
# Writes the kubeconfig that the variable KUBECONFIG_CONTENT holds into a file for its owner alone, and tells the steps after this one of
# GitHub's runner. Without that variable nothing is done: the runner may have one of its own.
set -eu
[ -n "${KUBECONFIG_CONTENT-}" ] || exit 0
file=${RUNNER_TEMP:?is not set: this runs on GitHub alone}/kubeconfig
(umask 077 && printf '%s\n' "$KUBECONFIG_CONTENT" >"$file")
echo "KUBECONFIG=$file" >>"${GITHUB_ENV:?is not set: this runs on GitHub alone}"
