import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { proxyEnvironment } from "../config/proxy.ts";
import type { ServerAddress } from "./client.ts";

/**
 * Node's agent for all that verify sends, signed or forged: it trusts `caFile`, and goes through the proxy of the
 * environment, never for loopback.
 * @throws when `caFile` can't be read
 */
export function agentFor({ secure, caFile }: ServerAddress, pool: http.AgentOptions): http.Agent {
  const proxyEnv = proxyEnvironment(process.env);
  const options = { ...pool, ...(proxyEnv && { proxyEnv }) };
  const ca = caFile === undefined ? {} : { ca: readFileSync(caFile) };
  return secure ? new https.Agent({ ...options, ...ca }) : new http.Agent(options);
}
