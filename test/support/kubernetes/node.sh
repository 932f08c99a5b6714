#!/bin/sh
# The test cluster's node: PID 1 of its own mount, network and process namespaces. Whatever is mounted, linked, routed or
# started here ends with this process. Arguments: folders of the state, the logs, Kubernetes and Debian's packages.
set -eu
state=$1 logs=$2 kubernetes=$3 packages=$4

# Fixed paths (layout.ts), put together where the host's paths still show.
root=$state/node
mkdir -p "$root"
mount -t tmpfs -o mode=755 tmpfs "$root"
mkdir "$root/state" "$root/kubernetes" "$root/packages" "$root/bin" "$root/sysctl" "$root/lock"
mount --bind "$state" "$root/state"
mount --bind "$kubernetes" "$root/kubernetes"
mount --bind "$packages" "$root/packages"
mount --bind "$logs" /var/log
mount --rbind "$root" /run
mount -t tmpfs tmpfs /tmp
mount -t tmpfs -o mode=755 tmpfs /var/lib
for name in containerd kubelet cni; do
  mkdir "/var/lib/$name" "/run/state/$name"
  mount --bind "/run/state/$name" "/var/lib/$name"
done
cd /

# Settings of the whole machine that a kubelet writes: it finds the values it wants in files that lie over them.
pretend() {
  printf '%s\n' "$2" >"/run/sysctl/$1"
  mount --bind "/run/sysctl/$1" "/proc/sys/$(printf '%s' "$1" | tr . /)"
}
pretend vm.overcommit_memory 1
pretend vm.panic_on_oom 0
pretend kernel.panic 10
pretend kernel.panic_on_oops 1
pretend kernel.keys.root_maxkeys 1000000
pretend kernel.keys.root_maxbytes 25000000

# The node's address, on a link to nowhere.
ip link set lo up
ip link add node0 type veth peer name nowhere0
ip address add 10.90.0.1/24 dev node0
ip link set nowhere0 up
ip link set node0 up
ip route add default via 10.90.0.254 dev node0
echo 1 >/proc/sys/net/ipv4/ip_forward
echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables

for name in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
  ln -s ../packages/usr/sbin/xtables-nft-multi "/run/bin/$name"
done
PATH=/run/bin:/run/kubernetes:/run/packages/usr/bin:/run/packages/usr/sbin:$PATH
LD_LIBRARY_PATH=$(printf '%s:' /run/packages/usr/lib/*-linux-gnu /run/packages/lib/*-linux-gnu)
XTABLES_LIBDIR=$(echo /run/packages/usr/lib/*-linux-gnu/xtables)
export PATH LD_LIBRARY_PATH XTABLES_LIBDIR

# A component that ends is started again, as a static pod would be.
keep() {
  while :; do
    "/run/state/commands/$1" >>"/var/log/$1.log" 2>&1 </dev/null || echo "ended with exit code $?" >>"/var/log/$1.log"
    sleep 0.5
  done
}
for command in /run/state/commands/*; do
  keep "${command##*/}" &
done
: >/run/state/node-is-up
wait
