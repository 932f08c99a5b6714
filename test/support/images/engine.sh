#!/bin/sh
# A Docker engine of its own: PID 1 of its own mount and process namespaces, on the machine's network. Whatever it mounts
# or starts ends with this process. Arguments: folders of Debian's packages, of what stays, of what doesn't; the cgroup;
# the daemon's settings; what is process 1 of containers with `init`; and the files in which a process counts itself to
# the cgroup.
set -eu
packages=$1 data=$2 state=$3 cgroup=$4 settings=$5 init=$6
shift 6
for members; do echo $$ >"$members"; done
PATH=$packages/usr/sbin:$packages/usr/bin:$PATH
LD_LIBRARY_PATH=$(printf '%s:' "$packages"/usr/lib/*-linux-gnu "$packages"/lib/*-linux-gnu)
export PATH LD_LIBRARY_PATH
mount -t tmpfs tmpfs /run
exec dockerd --config-file="$settings" --data-root="$data" --exec-root="$state/exec" --pidfile="$state/pid" \
  --host="unix://$state/docker.sock" --init-path="$init" --cgroup-parent="/$cgroup" --storage-driver=overlay2 --log-level=warn \
  --iptables=false --ip6tables=false --bridge=none
