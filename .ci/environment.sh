# The toolchain's environment for a pipeline's steps, from the root of a checkout: . ./.ci/environment.sh
# toolchain/env.sh means the state and the passphrase of this checkout; where the shell names others, those stay.
# shellcheck shell=sh
_bucketworks_backend=${PULUMI_BACKEND_URL-}
_bucketworks_passphrase=${PULUMI_CONFIG_PASSPHRASE-}
_bucketworks_passphrase_file=${PULUMI_CONFIG_PASSPHRASE_FILE-}
. ./toolchain/env.sh || return
if [ -n "$_bucketworks_backend" ]; then export PULUMI_BACKEND_URL="$_bucketworks_backend"; fi
if [ -n "$_bucketworks_passphrase_file" ]; then export PULUMI_CONFIG_PASSPHRASE_FILE="$_bucketworks_passphrase_file"; fi
if [ -n "$_bucketworks_passphrase" ]; then
  export PULUMI_CONFIG_PASSPHRASE="$_bucketworks_passphrase"
  unset PULUMI_CONFIG_PASSPHRASE_FILE
fi
unset _bucketworks_backend _bucketworks_passphrase _bucketworks_passphrase_file
