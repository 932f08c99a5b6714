#!/bin/sh
# npm packages of the checkout, installed again only when package-lock.json is another one; one run at a time.
set -eu
cd "$(dirname "$0")/.."
lock=.bucketworks/packages.lock

fail() {
  echo "toolchain: $1" >&2
  exit 1
}

whole() {
  cmp -s package-lock.json node_modules/.package-lock.installed
}

! whole || exit 0
. ./toolchain/lock.sh
mkdir -p .bucketworks
take_lock "$lock" "npm packages"
trap 'rm -rf "$lock"' EXIT
trap 'exit 130' INT TERM HUP
! whole || exit 0
. ./toolchain/env.sh
npm ci --loglevel=error
cp package-lock.json node_modules/.package-lock.installed
