import { DEV_STAGE } from "../rules/stage.ts";
import type { StackSettings } from "./schema.ts";

/**
 * Where a stack's endpoint comes from: its own configuration, the local server of the checkout, or `minio_config`.
 * Outside dev it is the stack alone: neither the environment nor a default of a platform file may send production's
 * credentials, or its buckets, to another server.
 */
export type ServerSource = "stack" | "local" | "spec";

/**
 * Decides the source; credentials follow it.
 * @param has whether the stack sets endpoint, user or password, and whether there is a local server
 */
export function serverSource(stage: string, has: { stack: boolean; local: boolean }): ServerSource {
  if (stage !== DEV_STAGE || has.stack) return "stack";
  return has.local ? "local" : "spec";
}

/** Whether the stack itself says where its server is, or who deploys there. */
export function namesServer({ target, endpoint, rootUser, rootPassword }: StackSettings): boolean {
  return target === "kubernetes" || [endpoint, rootUser, rootPassword].some((value) => value !== undefined);
}

/**
 * Where the stack says that its server is. One that it deploys on Kubernetes is reached by a forwarded port, unless the
 * stack names a shorter way; over TLS where the server has a certificate.
 */
export function stackAddress({ target, endpoint, secure = true, forwardPort, server }: StackSettings): {
  readonly endpoint: string | undefined;
  readonly secure: boolean;
} {
  if (target === "external") return { endpoint, secure };
  return { endpoint: endpoint ?? `127.0.0.1:${forwardPort}`, secure: server.tls.from !== "none" };
}
