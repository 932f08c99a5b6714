#!/bin/sh
# Images of the data programs for this commit, by the machine's Docker: IMAGE_REGISTRY/PROGRAM:COMMIT.
#   images.sh build | push
# IMAGE_REGISTRY: host and path of the registry. IMAGE_PLATFORM: linux/amd64 where this machine has another processor than the
# cluster. HOME_DIR: another home than the Dockerfile's. IMAGE_REGISTRY_USER, IMAGE_REGISTRY_PASSWORD: a login; without, docker's own.
set -eu
cd "$(dirname "$0")/.."

fail() {
  echo "images: $1" >&2
  exit 1
}

commit=$(git rev-parse HEAD)
registry=${IMAGE_REGISTRY:-}
[ -n "$registry" ] || fail "IMAGE_REGISTRY is not set; set it to host and path of a registry, for example registry.example/team"
[ -z "$(git status --porcelain -- pipelines)" ] ||
  fail "pipelines/ holds changes that no commit has, and an image is named by its commit; commit or stash them first"
if [ "$1" = push ] && [ -n "${IMAGE_REGISTRY_USER:-}" ]; then
  printf %s "${IMAGE_REGISTRY_PASSWORD:-}" |
    docker login --username "$IMAGE_REGISTRY_USER" --password-stdin "${registry%%/*}" >/dev/null
fi
for file in pipelines/*/Dockerfile; do
  program=$(basename "$(dirname "$file")")
  reference=$registry/$program:$commit
  if [ "$1" = push ]; then
    docker push --quiet "$reference" >/dev/null
    echo "Successfully pushed $reference"
  else
    docker build ${IMAGE_PLATFORM:+--platform "$IMAGE_PLATFORM"} --build-arg GIT_COMMIT_HASH="$commit" \
      ${HOME_DIR:+--build-arg HOME_DIR="$HOME_DIR"} --file "$file" --tag "$reference" pipelines
  fi
done
