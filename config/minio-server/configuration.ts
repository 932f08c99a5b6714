import { z } from "zod";
import { nearest } from "../values/nearest.ts";
import { goneReason } from "./knobs.ts";

/** Settings that every server has, with what they are where nobody set them; those that only tune speed are left out. */
export const GENERAL = {
  api: {
    cors_allow_origin: "*",
    root_access: "on",
    stale_uploads_expiry: "24h",
    object_max_versions: "9223372036854775807",
  },
  scanner: { speed: "default" },
  compression: { enable: "off", allow_encryption: "off" },
  storage_class: { standard: "", rrs: "EC:1" },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * What nobody's server has until somebody sets it up, with the setting that says whether it is on: `enable`, or an
 * address that isn't empty. Undefined is a matter of the environment alone: the server says itself whether it is on.
 */
export const ADDED = {
  policy_plugin: "url",
  policy_opa: "url",
  identity_openid: "config_url",
  identity_ldap: "server_addr",
  identity_plugin: "url",
  identity_tls: undefined,
  etcd: "endpoints",
  logger_webhook: "enable",
  audit_webhook: "enable",
  audit_kafka: "enable",
  notify_webhook: "enable",
  notify_amqp: "enable",
  notify_kafka: "enable",
  notify_mqtt: "enable",
  notify_nats: "enable",
  notify_nsq: "enable",
  notify_mysql: "enable",
  notify_postgres: "enable",
  notify_elasticsearch: "enable",
  notify_redis: "enable",
  lambda_webhook: "enable",
  callhome: "enable",
} as const satisfies Readonly<Record<string, string | undefined>>;

export type General = keyof typeof GENERAL;
export type Added = keyof typeof ADDED;

/** Of these there may be several, each with a name: `audit_webhook:siem`. */
const NAMED = /^(identity_openid|logger_webhook|audit_\w+|notify_\w+|lambda_webhook):[\w.-]+$/;

function isGeneral(name: string): name is General {
  return Object.hasOwn(GENERAL, name);
}

/** `audit_webhook` of `audit_webhook:siem`; undefined where it is none of what can be added. */
export function addedKind(name: string): Added | undefined {
  const [kind = ""] = name.split(":", 1);
  return Object.hasOwn(ADDED, kind) ? (kind as Added) : undefined;
}

/** A setting whose value is a secret, or may hold one: it is never read, kept, compared or shown. */
export function isSecret(key: string): boolean {
  return /secret|token|password|seed|(^|_)key$|license|connection_string|dsn_string/.test(key);
}

/** A value without what a URL in it may hold of secrets: user, password, query. */
export function withoutSecrets(value: string): string {
  return value
    .replaceAll(/([a-z][a-z\d+.-]*:\/\/)[^\s/?#]*@/gi, "$1")
    .replaceAll(/(:\/\/[^\s?#]*?)[?#]\S*?(?=,[a-z][a-z\d+.-]*:\/\/|\s|$)/gi, "$1");
}

const value = z
  .union([z.string(), z.number(), z.boolean()], "must be text, a number, true or false")
  .transform((given) => {
    if (typeof given === "boolean") return given ? "on" : "off";
    return withoutSecrets(String(given));
  });

/** `bucketworks:server.config`: what the server's own configuration shall be where it isn't MinIO's default. */
export const ServerConfiguration = z
  .record(z.string(), z.record(z.string(), value))
  .superRefine((given, { addIssue }) => {
    const refuse = (path: string[], message: string | undefined) => {
      if (message !== undefined) addIssue({ code: "custom", path, message, params: { remove: true } });
    };
    for (const [name, settings] of Object.entries(given)) {
      const wrong = nameFault(name);
      refuse([name], wrong);
      if (wrong === undefined) for (const key of Object.keys(settings)) refuse([name, key], keyFault(name, key));
    }
  })
  .meta({ description: "what `scan` expects of the server's own configuration (docs/drift.md)" });

export type DeclaredConfiguration = z.output<typeof ServerConfiguration>;

function nameFault(name: string): string | undefined {
  const isKnown = isGeneral(name) || (addedKind(name) !== undefined && (!name.includes(":") || NAMED.test(name)));
  if (isKnown) return undefined;
  const gone = goneReason(name);
  if (gone !== undefined) return `can't be set: ${gone}`;
  const known = [...Object.keys(GENERAL), ...Object.keys(ADDED)];
  const near = nearest(name.split(":", 1)[0] ?? "", known);
  const meant = near === null ? "" : `; did you mean ${near}?`;
  return `is nothing that scan looks at, allowed are ${known.join(", ")}, of logger, audit, notify, lambda and identity_openid also NAME:TARGET${meant}`;
}

function keyFault(name: string, key: string): string | undefined {
  if (isSecret(key)) return "is a secret or may hold one, which scan never compares; leave it out";
  if (!isGeneral(name)) return undefined;
  const known = Object.keys(GENERAL[name]);
  return known.includes(key) ? undefined : `is no setting that scan looks at, allowed are ${known.join(", ")}`;
}
