# One at a time: the lock is a folder that holds its owner's process id and when that started. Sourced by scripts that have
# a function `fail`.
#   take_lock FOLDER WHAT
take_lock() {
  told=
  nobody=0
  while ! mkdir "$1" 2>/dev/null; do
    owner=$(cat "$1/pid" 2>/dev/null || true)
    if [ -n "$owner" ] && ! owner_lives "$1" "$owner"; then
      break_lock "$1" "$owner"
      continue
    fi
    # An owner that was killed before it said who it is, or a folder that can't be made.
    [ -n "$owner" ] && nobody=0 || nobody=$((nobody + 1))
    if [ "$nobody" -gt 5 ]; then
      [ -d "$1" ] || fail "can't make the lock $1; free some space, or see who may write there"
      break_lock "$1" ""
      nobody=0
      continue
    fi
    [ -n "$told" ] || [ -z "$owner" ] || echo "toolchain: $2: process $owner is at it, waiting" >&2
    [ -z "$owner" ] || told=yes
    sleep 1
  done
  start_of $$ >"$1/started"
  echo $$ >"$1/pid"
}

# When a process started, in whatever form the system tells; nothing where there is none. Any user's: `kill -0` takes
# another user's for dead.
#   start_of PID
start_of() {
  if [ ! -r /proc/self/stat ]; then
    LC_ALL=C ps -o lstart= -p "$1" 2>/dev/null || true
    return 0
  fi
  stat=
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
  # after the name, which may hold blanks and brackets: the state, and 19 fields on the start
  stat=${stat##*) }
  case $stat in [ZX]*) return 0 ;; esac
  echo "$stat" | cut -d ' ' -f 20
}

# Whether the owner of a lock lives: its process id may be another process's by now.
#   owner_lives FOLDER PID
owner_lives() {
  now=$(start_of "$2")
  [ -n "$now" ] || return 1
  was=$(cat "$1/started" 2>/dev/null || true)
  [ -z "$was" ] || [ "$was" = "$now" ]
}

# Removes the lock of an owner that is dead. It goes aside first: where another one that waits was faster, what went aside
# is that one's fresh lock, and it is put back.
#   break_lock FOLDER PID
break_lock() {
  aside="$1.dead-$$"
  mv "$1" "$aside" 2>/dev/null || return 0
  if [ "$(cat "$aside/pid" 2>/dev/null || true)" != "$2" ] && [ ! -e "$1" ]; then
    mv "$aside" "$1"
  else
    rm -rf "$aside"
  fi
}
