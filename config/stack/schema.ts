import { z } from "zod";
import { ClusterServicesConfig } from "../cluster-services/schema.ts";
import { MinioServerConfig } from "../minio-server/schema.ts";
import { PostgresServerConfig } from "../postgres-server/schema.ts";
import { imageFault, type ProgramImage } from "../values/image.ts";
import { plainPath, projectFolderFault } from "../values/project-folder.ts";
import { regionFault } from "../values/region.ts";
import { BackupTargets } from "./backup-targets.ts";
import { HopsworksConfig } from "./hopsworks.ts";
import { ImageBuildsConfig } from "./image-builds.ts";
import { NotificationTargets } from "./notification-targets.ts";
import { Remotes } from "./remotes.ts";
import { Tiers } from "./tiers.ts";

/** Where `bucketworks forward` listens for a server that the stack deploys on Kubernetes, unless the stack says another. */
export const FORWARD_PORT = 19_000;

/** Folder of the platform files, from the project's root, unless the stack says another. */
export const PLATFORMS_DIR = "config/platforms";

/** A setting that may be encrypted. */
export interface SecretSetting {
  /** Undefined where it is encrypted and the reader has no passphrase. */
  readonly text: string | undefined;
  readonly isEncrypted: boolean;
}

const text = z.preprocess(
  (given) => (typeof given === "number" || typeof given === "boolean" ? String(given) : given || undefined),
  z.string().optional(),
);

type Judge = (given: string) => string | null;

/** Text of a form, judged by a function that answers what is wrong with it. */
const textOf = (fault: Judge) => text.superRefine(judgedBy(fault));

const judgedBy =
  (fault: Judge) =>
  (given: string | undefined, { addIssue }: z.RefinementCtx): void => {
    const wrong = given === undefined ? null : fault(given);
    if (wrong !== null) addIssue({ code: "custom", message: `${wrong}, got ${JSON.stringify(given)}` });
  };

const secret = z.custom<SecretSetting>().optional();

/** A value that isn't text. Pulumi hands it over as JSON text; an empty list or map is as good as none. */
const settingOf = <T extends z.ZodType>(schema: T) =>
  z.preprocess((given) => {
    const value = typeof given === "string" ? (jsonOf(given) ?? given) : given;
    const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
    return isEmpty || value === "" || value === null ? undefined : value;
  }, schema);

/** Images of data programs that the stack doesn't build itself. */
const ProgramImages = z.strictObject({
  cybersec: textOf(imageFault),
  dataops: textOf(imageFault),
  experiments: textOf(imageFault),
  features: textOf(imageFault),
  mlops: textOf(imageFault),
} satisfies Record<ProgramImage, z.ZodType>);

const names = z.array(z.string()).readonly();
const PORT = "must be a port, 1 to 65535";

/** `bucketworks:*` of a stack: every key, its form and its default. Pulumi.yaml declares the same keys. */
export const StackConfig = z.strictObject({
  stage: text,
  platformsDir: z
    .preprocess((given) => (given === undefined || given === "" ? PLATFORMS_DIR : plainPath(given)), z.string())
    .superRefine(judgedBy(projectFolderFault)),
  platforms: settingOf(names.optional()),
  target: settingOf(z.enum(["external", "kubernetes"]).default("external")),
  server: settingOf(MinioServerConfig.prefault({})),
  images: settingOf(ImageBuildsConfig.optional()),
  imagesUser: secret,
  imagesPassword: secret,
  workloadsImage: textOf(imageFault),
  programImages: settingOf(ProgramImages.prefault({})),
  exportedServiceAccounts: settingOf(names.default([])),
  keyChecksums: settingOf(z.literal("when_required", "must be when_required or empty").optional()),
  postgres: settingOf(PostgresServerConfig.optional()),
  databaseKey: secret,
  auditToken: secret,
  servicesKey: secret,
  services: settingOf(ClusterServicesConfig.optional()),
  alerts: secret,
  context: text,
  tags: settingOf(z.record(z.string(), z.string("must be text")).default({})),
  kmsKey: secret,
  forwardPort: settingOf(z.int(PORT).min(1, PORT).max(65_535, PORT).default(FORWARD_PORT)),
  endpoint: textOf((given) => (/[/@?#]/.test(given) ? "must be host:port, without scheme, path or user" : null)),
  /** Undefined is unsaid: TLS, but a server that the stack deploys says by its certificate whether it has it. */
  secure: settingOf(z.boolean().optional()),
  caFile: text,
  region: textOf(regionFault),
  rootUser: secret,
  rootPassword: secret,
  allowPurge: settingOf(names.default([])),
  notificationTargets: settingOf(NotificationTargets.prefault({})),
  notificationSecrets: secret,
  remotes: settingOf(Remotes.prefault({})),
  remoteCredentials: secret,
  backupTargets: settingOf(BackupTargets.prefault({})),
  backupTargetCredentials: secret,
  hopsworks: settingOf(HopsworksConfig.optional()),
  hopsworksKey: secret,
  tiers: settingOf(Tiers.prefault({})),
  tierCredentials: secret,
  allowTierRemoval: settingOf(names.default([])),
});

export type StackKey = keyof typeof StackConfig.shape;

/** The settings of a stack, every default applied; absent is unsaid. */
export type StackSettings = z.output<typeof StackConfig>;

/** Keys that may be encrypted. Any other is read by commands that have no passphrase. */
export const SECRET_KEYS: ReadonlySet<string> = new Set<StackKey>([
  "imagesUser",
  "imagesPassword",
  "databaseKey",
  "auditToken",
  "servicesKey",
  "alerts",
  "kmsKey",
  "rootUser",
  "rootPassword",
  "tierCredentials",
  "notificationSecrets",
  "remoteCredentials",
  "backupTargetCredentials",
  "hopsworksKey",
]);

/** What a key was called before. */
export const RENAMED: Readonly<Record<string, StackKey>> = { handedOver: "exportedServiceAccounts" };

function jsonOf(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch {
    return undefined;
  }
}
