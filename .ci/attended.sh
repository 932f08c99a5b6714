# Runs a command that something follows in the same shell: . ./.ci/attended.sh && attended COMMAND ARGUMENTS...
# A shell that is told to end while it waits ends by itself and leaves its command running. This one passes the signal on
# and waits for the command, whose exit code it returns.
# shellcheck shell=sh
attended() {
  "$@" &
  _attended=$!
  for _attended_signal in HUP INT TERM; do
    # shellcheck disable=SC2064
    trap "kill -$_attended_signal $_attended 2>/dev/null" "$_attended_signal"
  done
  # A signal ends `wait`, too: the command is there until it has been waited for.
  while :; do
    _attended_code=0
    wait "$_attended" || _attended_code=$?
    kill -0 "$_attended" 2>/dev/null || break
  done
  trap - HUP INT TERM
  return "$_attended_code"
}
