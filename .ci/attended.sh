# Runs a command that something follows in the same shell: . ./.ci/attended.sh && attended COMMAND ARGUMENTS...
# A shell that is told to end while it waits ends by itself and leaves its command running. This one passes the signal on
# and waits for the command, whose exit code it returns: never 0 after a signal, so that nothing follows.
# shellcheck shell=sh
attended() {
  "$@" &
  _attended=$!
  _attended_heard=
  for _attended_signal in HUP INT TERM; do
    # shellcheck disable=SC2064
    trap "_attended_heard=1; kill -$_attended_signal $_attended 2>/dev/null" "$_attended_signal"
  done
  # A signal ends `wait`, too: the command is there until it has been waited for.
  while :; do
    _attended_code=0
    wait "$_attended" || _attended_code=$?
    kill -0 "$_attended" 2>/dev/null || break
  done
  trap - HUP INT TERM
  # What runs in the background ignores INT unless it says otherwise, and a command may end well after a signal.
  if [ -n "$_attended_heard" ] && [ "$_attended_code" = 0 ]; then _attended_code=130; fi
  return "$_attended_code"
}
