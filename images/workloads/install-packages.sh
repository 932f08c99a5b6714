#!/bin/sh
# Installs what commands inside a cluster import, at the versions of package-lock.json, into the current folder. Left out
# are the packages of the Pulumi program and of its way into a cluster: they are five sixths of all.
set -eu
npm pkg delete \
  dependencies.@grpc/grpc-js \
  dependencies.@kubernetes/client-node \
  dependencies.@pulumi/docker \
  dependencies.@pulumi/kubernetes \
  dependencies.@pulumi/minio \
  dependencies.@pulumi/pulumi \
  dependencies.google-protobuf
npm install --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund --loglevel=error
