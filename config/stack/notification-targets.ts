import { z } from "zod";
import { plainUrl } from "../minio-server/schema.ts";
import { host } from "./kubernetes-values.ts";

const NAME = "is no name of a target: letters, digits and _, a letter first, 64 at most";
const PORT = "must be a port, 1 to 65535";
const word = (what: string) =>
  z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/, `must be a ${what} of lower-case letters, digits and _`);

/** Events that wait on the server's disk while the receiver is away; beyond it the newest are lost. */
const queueLimit = z.int().min(1).max(1_000_000).default(100_000);

const target = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("webhook"),
    /** Its token is a secret of its own. */
    endpoint: plainUrl("webhook that is told of each event"),
    queueLimit,
  }),
  z.strictObject({
    type: z.literal("postgresql"),
    host: host("host name of PostgreSQL"),
    port: z.int(PORT).min(1, PORT).max(65_535, PORT).default(5432),
    database: word("database"),
    user: word("role"),
    /** Made by the server where it isn't there. */
    table: word("table"),
    /** A row an event, or a row an object as it is now. */
    format: z.enum(["access", "namespace"]).default("access"),
    /** As PostgreSQL's clients call it. */
    tls: z.enum(["verify-full", "verify-ca", "require", "disable"]).default("verify-full"),
    queueLimit,
  }),
]);

/** `bucketworks:notificationTargets`: whom the server can tell of objects, by the name that buckets call them. */
export const NotificationTargets = z.record(z.string(), target).superRefine((given, { addIssue }) => {
  for (const name of Object.keys(given))
    if (!/^[A-Za-z]\w{0,63}$/.test(name))
      addIssue({ code: "custom", path: [name], message: NAME, params: { remove: true } });
});

export type NotificationTargets = Readonly<z.output<typeof NotificationTargets>>;
export type NotificationTarget = NotificationTargets[string];

/** As buckets name them: `lake:webhook`; sorted. */
export function targetNames(targets: NotificationTargets): string[] {
  return Object.entries(targets)
    .map(([name, { type }]) => `${name}:${type}`)
    .sort();
}

/** Targets of a stack's server; undefined where it names none and somebody else starts the server, with whatever targets. */
export function knownTargetsOf(settings: {
  readonly notificationTargets: NotificationTargets;
  readonly target: "external" | "kubernetes";
}): readonly string[] | undefined {
  const names = targetNames(settings.notificationTargets);
  return names.length > 0 || settings.target === "kubernetes" ? names : undefined;
}
