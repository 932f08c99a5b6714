# Logins of a local platform, for the scripts beside this file; they source it in the root of the checkout.
own=$(pwd)/.bucketworks

fail() {
  echo "pipelines: $1" >&2
  exit 1
}

# Settings of one service account and one role (- is none), as `bucketworks key show` and `make up` write them.
#   settings ACCOUNT ROLE
settings() {
  role=$own/postgres/roles/$2.env
  [ "$2" != - ] || role=/dev/null
  [ -r "$role" ] || fail "there is no role $2 of a local PostgreSQL; run make up first"
  bin/bucketworks key show "$1" --stdout --quiet || fail "there is no key of $1; run make up first"
  cat "$role"
}
