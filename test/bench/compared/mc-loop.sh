#!/bin/sh
# mc-loop.sh create|destroy LIST DOCUMENTS: makes or removes what LIST has, a line each: bucket, policy, days. MC is the client,
# alias bench the server.
set -eu
while read -r bucket policy days; do
  case $1 in
    create)
      "$MC" --quiet mb "bench/$bucket"
      "$MC" --quiet version enable "bench/$bucket"
      "$MC" --quiet ilm rule add --expire-days "$days" "bench/$bucket"
      "$MC" --quiet admin policy create bench "$policy" "$3/$policy.json"
      ;;
    destroy)
      "$MC" --quiet rb "bench/$bucket"
      "$MC" --quiet admin policy remove bench "$policy"
      ;;
  esac
done <"$2"
