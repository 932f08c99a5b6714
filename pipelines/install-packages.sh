#!/bin/sh
# Makes the environment of an image, which has no pip, with the python3 of PYTHON or of PATH.
#   install-packages.sh pinned ENVIRONMENT REQUIREMENTS   what others made, by its hashes
#   install-packages.sh own ENVIRONMENT FOLDER...         what is ours
set -eu
python=${PYTHON:-python3}
what=$1
environment=$2
shift 2
install() {
  "$python" -m pip --python "$environment/bin/python" --disable-pip-version-check install --quiet --no-deps "$@"
}
case $what in
  pinned)
    "$python" -m venv --without-pip "$environment"
    install --require-hashes --requirement "$1"
    ;;
  own) install "$@" ;;
esac
