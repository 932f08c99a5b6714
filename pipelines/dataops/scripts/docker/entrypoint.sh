#!/bin/sh
# Starts the pipeline in a container. Logins may come as a JSON file, GOOGLE_APPLICATION_CREDENTIALS, and that file's content as
# the variable GOOGLE_APPLICATION_CREDENTIALS_JSON_BASE64: docs/dataops.md says what it holds.
set -eu
umask 077

fail() {
  echo "entrypoint: $1" >&2
  exit 2
}

is_json() {
  python -c 'import json, sys; json.load(open(sys.argv[1], encoding="utf-8"))' "$1" 2>/dev/null
}

# Base64 in one line or many, to standard output. A Secret's `data` is decoded by Kubernetes: then the variable holds the JSON itself.
decoded() {
  python -c '
import base64, os, sys
text = os.environ["GOOGLE_APPLICATION_CREDENTIALS_JSON_BASE64"]
is_plain = text.lstrip().startswith("{")
sys.stdout.buffer.write(text.encode() if is_plain else base64.b64decode("".join(text.split()), validate=True))' 2>/dev/null
}

file=${GOOGLE_APPLICATION_CREDENTIALS-}
given=${GOOGLE_APPLICATION_CREDENTIALS_JSON_BASE64-}
if [ -n "$given" ] && [ -z "$file" ]; then
  fail "GOOGLE_APPLICATION_CREDENTIALS is missing: the path of the file that GOOGLE_APPLICATION_CREDENTIALS_JSON_BASE64 is decoded to"
fi
if [ -n "$file" ] && ! is_json "$file"; then
  [ -n "$given" ] || fail "GOOGLE_APPLICATION_CREDENTIALS: $file is not there or no JSON, and GOOGLE_APPLICATION_CREDENTIALS_JSON_BASE64, which holds it in base64, is missing"
  folder=$(dirname "$file")
  [ -d "$folder" ] || fail "GOOGLE_APPLICATION_CREDENTIALS: the folder $folder is not there; make it in the image, or mount a volume"
  # beside, then moved: nobody ever reads half of it
  part=$file.$$
  trap 'rm -f "$part"' EXIT
  : >"$part" || fail "GOOGLE_APPLICATION_CREDENTIALS: nothing can be written to $folder"
  decoded >"$part" || fail "GOOGLE_APPLICATION_CREDENTIALS_JSON_BASE64 is no base64; make it by: base64 -w0 <FILE"
  is_json "$part" || fail "GOOGLE_APPLICATION_CREDENTIALS_JSON_BASE64 holds no JSON in base64"
  mv -f "$part" "$file" || fail "GOOGLE_APPLICATION_CREDENTIALS: $file can't be written over"
fi
unset GOOGLE_APPLICATION_CREDENTIALS_JSON_BASE64
exec python "$(dirname "$0")/../../pipeline.py" "$@"
