import type { V1EnvVar } from "@kubernetes/client-node";
import { AUDIT_TARGET, knobsOf } from "../../config/minio-server/knobs.ts";
import type { MinioServer } from "../../config/minio-server/schema.ts";
import type { NotificationTargets } from "../../config/stack/notification-targets.ts";
import { notificationVariables, secretVariable } from "./notifications.ts";

/**
 * What waits for a receiver that is away: on a pod's first drive, so that it outlives the pod. No bucket has such a name, and
 * the server leaves alone what is none of its own.
 */
const QUEUES = "/drive-0/.bucketworks";

/** Key of the server's Secret. */
export const AUDIT_TOKEN = "audit-token";

/** What a server is told beside its own settings. */
export interface Told {
  /** Name of its region; absent is the server's own default. */
  readonly region?: string | undefined;
  /** Whether its Secret has a token for the webhook of audits. */
  readonly hasAuditToken?: boolean;
  readonly notificationTargets?: NotificationTargets;
  /** Those of them for which its Secret has a value. */
  readonly secretTargets?: readonly string[];
}

/** Key of the server's Secret for a target's token or address. */
export function targetKey(name: string): string {
  return `notify-${name}`;
}

/** Secrets come by reference; nothing of them stands here. */
export function environment(server: MinioServer, told: Told): V1EnvVar[] {
  const { region, hasAuditToken = false, notificationTargets = {}, secretTargets = [] } = told;
  const { name, staleUploadsExpiry, ingress } = server;
  const secret = (variable: string, key: string): V1EnvVar => ({
    name: variable,
    valueFrom: { secretKeyRef: { name: `${name}-root`, key } },
  });
  const scheme = ingress?.tlsSecret === undefined ? "http" : "https";
  const console = ingress?.consoleHost;
  return [
    secret("MINIO_ROOT_USER", "user"),
    secret("MINIO_ROOT_PASSWORD", "password"),
    secret("MINIO_KMS_SECRET_KEY", "kms-key"),
    { name: "MINIO_API_STALE_UPLOADS_EXPIRY", value: staleUploadsExpiry },
    { name: "MINIO_PROMETHEUS_AUTH_TYPE", value: "jwt" },
    { name: "MINIO_UPDATE", value: "off" },
    { name: "HOME", value: "/tmp" },
    ...(region === undefined ? [] : [{ name: "MINIO_SITE_REGION", value: region }]),
    ...(console === undefined ? [] : [{ name: "MINIO_BROWSER_REDIRECT_URL", value: `${scheme}://${console}` }]),
    ...plain(tuningVariables(server, `${QUEUES}/audit`)),
    ...plain(notificationVariables(notificationTargets, `${QUEUES}/notifications`)),
    ...secretTargets.flatMap((each) => {
      const target = notificationTargets[each];
      return target === undefined ? [] : [secret(secretVariable(each, target), targetKey(each))];
    }),
    ...(hasAuditToken ? [secret(`MINIO_AUDIT_WEBHOOK_AUTH_TOKEN_${AUDIT_TARGET}`, AUDIT_TOKEN)] : []),
  ];
}

function plain(variables: Readonly<Record<string, string>>): V1EnvVar[] {
  return Object.entries(variables).map(([name, value]) => ({ name, value }));
}

/**
 * What a stack sets of any server that it starts, on Kubernetes or on this machine, as variables; no secret is among them.
 * @param auditFolder the server's own, in which requests wait that the webhook for audits couldn't be told
 */
export function tuningVariables(
  { tuning, audit, prometheusUrl }: Pick<MinioServer, "tuning" | "audit" | "prometheusUrl">,
  auditFolder: string,
): Readonly<Record<string, string>> {
  const webhook = (name: string): string => `MINIO_AUDIT_WEBHOOK_${name}_${AUDIT_TARGET}`;
  return {
    ...(prometheusUrl !== undefined && { MINIO_PROMETHEUS_URL: prometheusUrl }),
    ...Object.fromEntries(knobsOf(tuning).map(({ variable, value }) => [variable, value])),
    ...(audit !== undefined && {
      [webhook("ENABLE")]: "on",
      [webhook("ENDPOINT")]: audit.url,
      [webhook("QUEUE_SIZE")]: String(audit.queueSize),
      [webhook("QUEUE_DIR")]: auditFolder,
    }),
  };
}
