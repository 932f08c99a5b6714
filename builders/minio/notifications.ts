import type { NotificationSecrets } from "../../config/stack/notification-secrets.ts";
import type { NotificationTarget, NotificationTargets } from "../../config/stack/notification-targets.ts";

/** What a server is started with to know its targets; no secret is among it. */
export function notificationVariables(targets: NotificationTargets, folder: string): Readonly<Record<string, string>> {
  const entries = Object.entries(targets).flatMap(([name, target]): [string, string][] => {
    const own: [string, string][] =
      target.type === "webhook"
        ? [["ENDPOINT", target.endpoint]]
        : [
            ["TABLE", target.table],
            ["FORMAT", target.format],
          ];
    const all: [string, string][] = [
      ["ENABLE", "on"],
      ...own,
      ["QUEUE_DIR", folder],
      ["QUEUE_LIMIT", String(target.queueLimit)],
    ];
    return all.map(([key, value]) => [variable(name, target, key), value]);
  });
  return Object.fromEntries(entries);
}

/** The variable whose value is a secret: the token of a webhook, the whole address of PostgreSQL. */
export function secretVariable(name: string, target: NotificationTarget): string {
  return variable(name, target, target.type === "webhook" ? "AUTH_TOKEN" : "CONNECTION_STRING");
}

/** Targets with the value of that variable; a webhook without a token has none. */
export function secretValues(
  targets: NotificationTargets,
  secrets: NotificationSecrets,
): Readonly<Record<string, string>> {
  const entries = Object.entries(targets).flatMap(([name, target]) => {
    const { token, password } = secrets[name] ?? {};
    const value = target.type === "webhook" ? token : connectionString(target, password ?? "");
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

/** What `mc admin config get` and `scan` call it, with what of it is no secret. */
export function expectedTargets(
  targets: NotificationTargets,
): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const entries = Object.entries(targets).map(([name, target]) => {
    if (target.type === "webhook") return [`notify_webhook:${name}`, { endpoint: target.endpoint }];
    return [`notify_postgres:${name}`, { table: target.table, format: target.format }];
  });
  return Object.fromEntries(entries);
}

function variable(name: string, { type }: NotificationTarget, key: string): string {
  return `MINIO_NOTIFY_${type === "webhook" ? "WEBHOOK" : "POSTGRES"}_${key}_${name}`;
}

/** In the form of PostgreSQL's own library, in which nothing but quotes and backslashes has a meaning. */
function connectionString(target: NotificationTarget & { readonly type: "postgresql" }, password: string): string {
  const { host, port, user, database, tls } = target;
  const parts = { host, port: String(port), user, password, dbname: database, sslmode: tls };
  const quoted = (text: string): string => `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
  return Object.entries(parts)
    .map(([key, value]) => `${key}=${quoted(value)}`)
    .join(" ");
}
