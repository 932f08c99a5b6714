import type { Env } from "../document/variables.ts";

const PROXIES = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"] as const;
/** This machine itself; toolchain/loopback.sh says the same to programs that aren't ours. */
const LOOPBACK = ["127.0.0.1", "localhost", "::1", "[::1]"];

/**
 * The variables that say through which proxy a server is reached, as Node's agents take them (`proxyEnv`): never one for
 * loopback. Undefined where none is named.
 */
export function proxyEnvironment(env: Env): Record<string, string> | undefined {
  const named = PROXIES.flatMap((name) => (env[name] ? [[name, env[name]] as const] : []));
  if (named.length === 0) return undefined;
  const hosts = [env.no_proxy, env.NO_PROXY].flatMap((list) => list?.split(",") ?? []).map((host) => host.trim());
  const list = [...new Set([...hosts.filter(Boolean), ...LOOPBACK])].join(",");
  return { ...Object.fromEntries(named), no_proxy: list, NO_PROXY: list };
}
