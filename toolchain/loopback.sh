# Connections to this machine itself never go through a proxy, whatever variables name one: the engine, its plugins and the
# local servers speak there, in plaintext. Both spellings get the same list, since every program reads another one. gRPC
# reads `no_grpc_proxy` before them. For sh, dash, bash and zsh; sourced by everything that starts a program of ours.
# shellcheck shell=sh
_bucketworks_hosts=${no_proxy-}
case ",$_bucketworks_hosts," in
  *",${NO_PROXY-},"*) ;;
  *) [ -z "${NO_PROXY-}" ] || _bucketworks_hosts=${_bucketworks_hosts:+$_bucketworks_hosts,}$NO_PROXY ;;
esac
case ",$_bucketworks_hosts," in
  *",127.0.0.1,localhost,::1,[::1],"*) ;;
  *) _bucketworks_hosts="${_bucketworks_hosts:+$_bucketworks_hosts,}127.0.0.1,localhost,::1,[::1]" ;;
esac
export no_proxy="$_bucketworks_hosts" NO_PROXY="$_bucketworks_hosts"
case ",${no_grpc_proxy-127.0.0.1,localhost,::1}," in
  *",127.0.0.1,localhost,::1,"*) ;;
  *) export no_grpc_proxy="${no_grpc_proxy:+$no_grpc_proxy,}127.0.0.1,localhost,::1" ;;
esac
unset _bucketworks_hosts
