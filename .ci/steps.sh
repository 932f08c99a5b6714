#!/bin/sh
# Runs make targets one after the other, all of them, and ends with one line for each: sh .ci/steps.sh ml-lint ml-unit
# Ends with 1 where one of them failed. A target that could not do a part writes a line why into the file NOT_DONE.
set -eu
. ./.ci/attended.sh
said=$(mktemp -d)
trap 'rm -rf "$said"' EXIT
summary=$said/summary
: >"$summary"
failed=0
for step; do
  NOT_DONE=$said/not-done
  export NOT_DONE
  rm -f "$NOT_DONE"
  echo "== $step"
  code=0
  attended "${MAKE:-make}" --no-print-directory "$step" || code=$?
  case $code in
    0) word=passed ;;
    129 | 130 | 143) exit "$code" ;;
    *) word=FAILED failed=$((failed + 1)) ;;
  esac
  printf '%s  %s\n' "$word" "$step" >>"$summary"
  [ ! -s "$NOT_DONE" ] || sed 's/^/        not done: /' "$NOT_DONE" >>"$summary"
done
echo
cat "$summary"
[ "$failed" = 0 ] || {
  echo "$failed of $# failed"
  exit 1
}
