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

# After a signal: npm has ended before the lock is let go. What it left is no whole installation, and made anew.
npm=
stopped() {
  [ -z "$npm" ] || kill "$npm" 2>/dev/null || true
  [ -z "$npm" ] || wait "$npm" 2>/dev/null || true
  exit "$1"
}

! whole || exit 0
# npm empties what it installs into, through a link too: those are the packages of another checkout, which installs them itself.
if [ -L node_modules ]; then
  [ -e node_modules ] || fail "node_modules is a link to packages that aren't there; remove it, or run make packages where it leads"
  exit 0
fi
. ./toolchain/lock.sh
mkdir -p .bucketworks
take_lock "$lock" "npm packages"
trap 'rm -rf "$lock"' EXIT
trap 'stopped 130' INT
trap 'stopped 143' TERM
trap 'stopped 129' HUP
! whole || exit 0
. ./toolchain/env.sh
# beside us, so that a signal that reached this shell alone is heard at once, and npm ends with it
npm ci --loglevel=error &
npm=$!
wait "$npm"
cp package-lock.json node_modules/.package-lock.installed
