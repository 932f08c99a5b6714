import { z } from "zod";
import { host, image, imageReference, labels, name, quantity } from "../stack/kubernetes-values.ts";

/** PostgreSQL's official image: Debian, in which user 999 is postgres. */
const OFFICIAL_IMAGE = "docker.io/library/postgres:18.1-bookworm";
/** The image that the operator's makers publish for it. */
const OPERAND_IMAGE = "ghcr.io/cloudnative-pg/postgresql:18.1-system-trixie";

/** Behind it a Job's name has 30 more characters, and 63 are all it may have. */
const LONGEST_NAME = 33;

const Tls = z.discriminatedUnion("from", [
  z.strictObject({ from: z.literal("none") }),
  z.strictObject({
    from: z.literal("secret"),
    secret: name("Secret of type kubernetes.io/tls, with ca.crt beside it"),
  }),
]);

const everywhere = {
  namespace: name("namespace of the server").default("mlops"),
  createNamespace: z.boolean().default(true).meta({ description: "false where the namespace is there already" }),
  name: name("name of the Service, and the beginning of every other name", LONGEST_NAME).default("mlops-postgresql"),
  imagePullSecret: name("Secret for the registry of the image").optional(),
  size: quantity("size of each volume").default("10Gi"),
  storageClass: name("storage class of the volumes; absent is the cluster's default").optional(),
  cpu: quantity("processor that each pod asks for").default("250m"),
  memory: quantity("memory that each pod asks for, and its limit").default("512Mi"),
  clusterDomain: host("DNS domain of the cluster").default("cluster.local"),
  monitoring: z.boolean().default(false).meta({ description: "a PodMonitor; its CRD must be there" }),
};

const isInstant = (text: string): boolean => z.iso.datetime({ offset: true }).safeParse(text).success;
/** A moment with a zone, or the newest there is. */
const Moment = z
  .string()
  .refine((text) => text === "latest" || isInstant(text), "must be a moment like 2026-11-20T10:00:00Z, or latest")
  .meta({ description: "the moment; latest is the newest that the archive has" });

const Restore = z.strictObject({
  server: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]*$/, "must be the name of a server below the prefix of database_backup")
    .meta({ description: "whose backups a new server begins with: its name below the prefix of database_backup" }),
  to: Moment,
});

const One = z.strictObject({
  kind: z.literal("statefulset"),
  ...everywhere,
  backupImage: imageReference("registry.example/database-backup:1.0.0")
    .optional()
    .meta({ description: "of pipelines/database-backup, where the stack doesn't build it" }),
  restore: Restore.optional().meta({ description: "data with which a server that has none begins" }),
  image: image(OFFICIAL_IMAGE),
  tls: Tls.default({ from: "none" }),
  monitoring: z.literal(false, "must be false: the image has no metrics, kind cloudnative-pg has").default(false),
});

const Backup = z.strictObject({
  bucket: z.string().min(3).meta({ description: "bucket of a platform of the stack" }),
  serviceAccount: z.string().min(3).meta({ description: "service account that reads and writes it" }),
  schedule: z
    .string()
    .regex(/^\S+( \S+){5}$/, "must be six fields of cron, seconds first")
    .default("0 0 2 * * *"),
  retention: z
    .string()
    .regex(/^[1-9]\d*[dwm]$/, "must be like 30d")
    .default("30d"),
});

const Several = z
  .strictObject({
    kind: z.literal("cloudnative-pg"),
    ...everywhere,
    image: image(OPERAND_IMAGE),
    instances: z.int().min(1).max(9).default(3),
    synchronous: z
      .int()
      .min(0)
      .default(1)
      .meta({ description: "replicas that have each commit before it is answered" }),
    backup: Backup.optional(),
    monitoringLabels: labels("labels by which Prometheus's operator chooses the PodMonitor").default({}),
  })
  .superRefine(({ instances, synchronous }, context) => {
    if (synchronous < instances) return;
    const message = `must be less than instances (${instances}), got ${synchronous}: nothing could be committed`;
    context.addIssue({ code: "custom", path: ["synchronous"], message });
  });

/** `bucketworks:postgres` of a stack whose target is kubernetes; one without kind is a StatefulSet. */
export const PostgresServerConfig = z.preprocess(
  (given) =>
    typeof given === "object" && given !== null && !("kind" in given) ? { kind: "statefulset", ...given } : given,
  z.discriminatedUnion("kind", [One, Several]),
);

export type PostgresServerInput = z.input<typeof One> | z.input<typeof Several>;
/** Where and how PostgreSQL runs, every default applied. */
export type PostgresServer = z.output<typeof PostgresServerConfig>;
export type OnePostgres = z.output<typeof One>;
export type SeveralPostgres = z.output<typeof Several>;

/** TLS to the server: an operator's cluster has it always. */
export function hasTls(server: PostgresServer): boolean {
  return server.kind === "cloudnative-pg" || server.tls.from !== "none";
}
