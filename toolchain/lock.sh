# One at a time: the lock is a folder that holds its owner's process id. Sourced by scripts that have a function `fail`.
#   take_lock FOLDER WHAT
take_lock() {
  told=
  nobody=0
  while ! mkdir "$1" 2>/dev/null; do
    owner=$(cat "$1/pid" 2>/dev/null || true)
    if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
      rm -rf "$1"
      continue
    fi
    # An owner that was killed before it said who it is, or a folder that can't be made.
    [ -n "$owner" ] && nobody=0 || nobody=$((nobody + 1))
    if [ "$nobody" -gt 5 ]; then
      [ -d "$1" ] || fail "can't make the lock $1; free some space, or see who may write there"
      rm -rf "$1"
      nobody=0
      continue
    fi
    [ -n "$told" ] || [ -z "$owner" ] || echo "toolchain: $2: process $owner is at it, waiting" >&2
    [ -z "$owner" ] || told=yes
    sleep 1
  done
  echo $$ >"$1/pid"
}
