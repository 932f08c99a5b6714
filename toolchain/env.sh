# Puts the pinned pulumi, mc, minio and node, and bucketworks, on PATH and points them at this checkout's dev environment:
#   . toolchain/env.sh
# For sh, dash, bash and zsh, from any folder, as often as you like. It sets variables of this shell and nothing else.
# Values set before are replaced: this is the dev environment. For another backend or passphrase, export yours afterwards.
# shellcheck shell=sh

# The folder of this file: bash and zsh say it. Elsewhere the shell holds the file open while it reads it (Linux); or it
# is found above the current folder; or BUCKETWORKS_ROOT names the checkout.
_bucketworks_root() {
  if [ -n "${BASH_VERSION-}" ]; then
    eval '_bucketworks_file=${BASH_SOURCE[1]}'
  elif [ -n "${ZSH_VERSION-}" ]; then
    eval '_bucketworks_file=${funcsourcetrace[1]%:*}'
  else
    _bucketworks_file=
    for _bucketworks_open in /proc/$$/fd/*; do
      _bucketworks_open=$(readlink "$_bucketworks_open" 2>/dev/null) || continue
      case $_bucketworks_open in */toolchain/env.sh) _bucketworks_file=$_bucketworks_open ;; esac
    done
  fi
  if [ -n "$_bucketworks_file" ]; then
    (CDPATH='' cd -P -- "$(dirname -- "$_bucketworks_file")/.." && pwd)
    return
  fi
  _bucketworks_open=${BUCKETWORKS_ROOT:-$(pwd -P)}
  while [ ! -f "$_bucketworks_open/toolchain/env.sh" ]; do
    [ -n "$_bucketworks_open" ] || return 1
    _bucketworks_open=${_bucketworks_open%/*}
  done
  printf '%s\n' "$_bucketworks_open"
}

# True for a path into the .bucketworks/ of another checkout than this one.
_bucketworks_other() {
  case $1 in
    "$_bucketworks_own"/*) return 1 ;;
    */.bucketworks/*) return 0 ;;
    *) return 1 ;;
  esac
}

_bucketworks_export() {
  BUCKETWORKS_ROOT=$1
  _bucketworks_own=$1/.bucketworks
  # First, also where it stood behind that of another checkout: whose programs run is whose variables are set.
  PATH=:$PATH:
  while :; do
    case $PATH in
      *":$_bucketworks_own/toolchain/bin:"*)
        PATH=${PATH%%":$_bucketworks_own/toolchain/bin:"*}:${PATH#*":$_bucketworks_own/toolchain/bin:"}
        ;;
      *) break ;;
    esac
  done
  PATH=${PATH#:}
  PATH=$_bucketworks_own/toolchain/bin:${PATH%:}
  PULUMI_HOME=$_bucketworks_own/pulumi-home
  # in a URL these three mean something else (config/stack/backend.ts)
  _bucketworks_open=$_bucketworks_own
  case $_bucketworks_own in
    *[%#?]*) _bucketworks_open=$(printf '%s\n' "$_bucketworks_own" | sed 's/%/%25/g; s/#/%23/g; s/?/%3F/g') ;;
  esac
  PULUMI_BACKEND_URL="file://$_bucketworks_open/state?metadata=skip"
  PULUMI_CONFIG_PASSPHRASE_FILE=$_bucketworks_own/passphrase
  PULUMI_SKIP_UPDATE_CHECK=true
  PULUMI_IGNORE_AMBIENT_PLUGINS=true
  MC_CONFIG_DIR=$_bucketworks_own/mc
  # Node keeps compiled code there: every pulumi command starts four of it, with 12 MB of packages each time.
  if _bucketworks_other "${NODE_COMPILE_CACHE-}"; then unset NODE_COMPILE_CACHE; fi
  NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-$_bucketworks_own/compile-cache}
  # Updates show what changes; `pulumi stack output` shows what they answer, a hundred lines for thirty buckets.
  PULUMI_OPTION_SUPPRESS_OUTPUTS=${PULUMI_OPTION_SUPPRESS_OUTPUTS-true}
  # uv run takes the packages that make pipelines-packages installed, by hash, and a Python of the machine.
  UV_PROJECT_ENVIRONMENT=$_bucketworks_own/pipelines/venv
  UV_NO_SYNC=1
  UV_PYTHON_DOWNLOADS=never
  UV_CACHE_DIR=${XDG_CACHE_HOME:-${HOME:-$_bucketworks_own}/.cache}/bucketworks/uv
  export UV_PROJECT_ENVIRONMENT UV_NO_SYNC UV_PYTHON_DOWNLOADS UV_CACHE_DIR
  export BUCKETWORKS_ROOT PATH PULUMI_HOME PULUMI_BACKEND_URL PULUMI_CONFIG_PASSPHRASE_FILE PULUMI_SKIP_UPDATE_CHECK
  export PULUMI_OPTION_SUPPRESS_OUTPUTS PULUMI_IGNORE_AMBIENT_PLUGINS MC_CONFIG_DIR NODE_COMPILE_CACHE
  [ ! -f "$1/toolchain/loopback.sh" ] || . "$1/toolchain/loopback.sh"
  # A passphrase itself would win over the file.
  unset PULUMI_CONFIG_PASSPHRASE
  # What another checkout's env.sh exported ends here, also where this one has no server yet that would replace it. A
  # value that leads into no checkout is somebody's own choice. The endpoint belongs to its credentials.
  _bucketworks_other "${MINIO_ROOT_USER_FILE-}" && unset MINIO_ENDPOINT MINIO_ROOT_USER_FILE
  _bucketworks_other "${MINIO_ROOT_PASSWORD_FILE-}" && unset MINIO_ENDPOINT MINIO_ROOT_PASSWORD_FILE
  _bucketworks_other "${BUCKETWORKS_POSTGRES-}" && unset BUCKETWORKS_POSTGRES
  _bucketworks_other "${BUCKETWORKS_MANAGED_BUCKETS-}" && unset BUCKETWORKS_MANAGED_BUCKETS
  if [ -f "$_bucketworks_own/minio/endpoint" ]; then
    MINIO_ENDPOINT=$(cat "$_bucketworks_own/minio/endpoint")
    MINIO_ROOT_USER_FILE=$_bucketworks_own/minio/root-user
    MINIO_ROOT_PASSWORD_FILE=$_bucketworks_own/minio/root-password
    export MINIO_ENDPOINT MINIO_ROOT_USER_FILE MINIO_ROOT_PASSWORD_FILE
  fi
  if [ -f "$_bucketworks_own/postgres/endpoint" ]; then
    export BUCKETWORKS_POSTGRES="$_bucketworks_own/postgres"
  fi
}

_bucketworks_env() {
  if ! _bucketworks_own=$(_bucketworks_root); then
    echo "env.sh: can't tell where the checkout is from here; source it from inside, or export BUCKETWORKS_ROOT" >&2
    return 1
  fi
  if [ ! -x "$_bucketworks_own/.bucketworks/toolchain/bin/pulumi" ]; then
    echo "env.sh: the toolchain is not built; run make toolchain in $_bucketworks_own" >&2
    return 1
  fi
  _bucketworks_export "$_bucketworks_own"
}

_bucketworks_result=0
_bucketworks_env || _bucketworks_result=1
unset -f _bucketworks_root _bucketworks_other _bucketworks_export _bucketworks_env
unset _bucketworks_own _bucketworks_file _bucketworks_open
[ "$_bucketworks_result" = 0 ] && unset _bucketworks_result || { unset _bucketworks_result && return 1; }
