#!/bin/sh
# The data programs on the local platform, one platform after another. Run by `make pipelines`, with the settings of
# toolchain/env.sh.
set -eu
cd "$(dirname "$0")"
sh cybersec/local.sh
exec sh dataops/local.sh
