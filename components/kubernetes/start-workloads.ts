import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { caSecretName } from "../../builders/postgres/kubernetes/manifest.ts";
import type { KnownServices } from "../../builders/workloads/workload-metadata.ts";
import { platformText } from "../../config/document/platform-files.ts";
import type { Platform, Workload } from "../../config/model.ts";
import { type Fix, formatSettingFault, setCommand } from "../../config/stack/fault.ts";
import type { PostgresSettings, Settings } from "../../config/stack/settings.ts";
import { dockerfileOf, isProgramImage, PROGRAM_IMAGES, type ProgramImage } from "../../config/values/image.ts";
import type { Databases } from "../databases.ts";
import type { StoragePlatform } from "../storage/platform.ts";
import type { Cluster } from "./cluster.ts";
import { inputText } from "./input-text.ts";
import { PlatformWorkloads } from "./workloads.ts";

export interface StartArgs {
  readonly cluster: Cluster;
  readonly stage: string;
  /** Folder of the platform files. */
  readonly platformsDir: string;
  /** As the stack asks for it. */
  readonly postgres: PostgresSettings | undefined;
  /** Other servers that backups go to, of the stack. */
  readonly backupTargets: Settings["backupTargets"];
  readonly platforms: readonly { readonly platform: Platform; readonly storage: StoragePlatform }[];
  /** What those that log in to a database wait for, and their logins. */
  readonly databases: Databases | undefined;
  /** Service accounts whose keys services use. */
  readonly serviceKeys: readonly string[];
  /** How services are known; undefined where they speak plain HTTP. */
  readonly services?: KnownServices | undefined;
}

/**
 * The workloads and keys of platforms whose buckets are there. A workload that lacks something is left out, and warned of.
 * @returns what has made the Secrets with keys, by platform
 */
export function startWorkloads(args: StartArgs): ReadonlyMap<string, pulumi.Resource> {
  const { cluster, stage, platformsDir, postgres, backupTargets, platforms, databases, serviceKeys, services } = args;
  const { settings, store, provider, workloadsImage: image, programImages } = cluster;
  const { namespace, imagePullSecret } = settings.server;
  const database = databaseIn(namespace, postgres);
  const withoutDatabase = postgres?.kind === "deployed" ? "databaseBeside" : "database";
  const lacks = ({ image: own, steps }: Workload): Lack | undefined => {
    if (own === null && image === undefined) return "workloads";
    if (isProgramImage(own) && programImages[own] === undefined) return own;
    const logsIn = steps.some(({ databaseRole }) => databaseRole !== null);
    return logsIn && database === undefined ? withoutDatabase : undefined;
  };
  const all = platforms.flatMap(({ platform }) => platform.workloads);
  for (const what of ["workloads", ...PROGRAM_IMAGES, withoutDatabase] as const) {
    const idle = all.filter((each) => lacks(each) === what);
    warnOfIdle(idle, what);
  }
  const made = new Map<string, pulumi.Resource>();
  for (const { platform, storage } of platforms) {
    const workloads = platform.workloads.filter((each) => lacks(each) === undefined);
    const accounts = platform.access.serviceAccounts.map(({ name }) => name);
    const exportedServiceAccounts = settings.exportedServiceAccounts.filter((each) => accounts.includes(each));
    const keys = serviceKeys.filter((each) => accounts.includes(each));
    if (workloads.length + exportedServiceAccounts.length + keys.length === 0) continue;
    const config = workloads.some((each) => each.config !== null) ? platformText(platformsDir, platform.name) : "";
    const started = new PlatformWorkloads(platform.name, {
      place: {
        platform: platform.name,
        configDigest: createHash("sha256").update(config).digest("hex").slice(0, 16),
        namespace,
        stage,
        image: inputText(image ?? ""),
        programImages: Object.fromEntries(Object.entries(programImages).map(([name, each]) => [name, inputText(each)])),
        imagePullSecret,
        server: store.endpoint,
        caSecret: store.caSecret,
        databaseCaSecret: database?.caSecret,
        services,
        backupTargets,
      },
      backupTargets,
      workloads,
      exportedServiceAccounts,
      serviceKeys: keys,
      checksums: settings.keyChecksums,
      config,
      credentials: storage.credentials,
      region: store.region,
      provider,
      ready: storage,
      migrated: databases?.deployment,
      logins: databases?.outputs.credentials,
    });
    made.set(platform.name, started);
  }
  return made;
}

/** The database server of the stack, where its Secrets lie beside the workloads. */
function databaseIn(
  namespace: string,
  postgres: PostgresSettings | undefined,
): { readonly caSecret: string | undefined } | undefined {
  if (postgres?.kind !== "deployed" || postgres.server.namespace !== namespace) return undefined;
  return { caSecret: caSecretName(postgres.server) };
}

type Lack = "workloads" | ProgramImage | "database" | "databaseBeside";

interface Lacking {
  readonly message: string;
  readonly fix: Fix;
}

function noImage(name: ProgramImage): Lacking {
  const set = setCommand(`--path bucketworks:programImages.${name} REGISTRY/${name}:COMMIT`);
  return { message: `has no image ${name}`, fix: [`build ${dockerfileOf(name)} (docs/images.md), then `, set] };
}

/** What a workload may lack, and what to do about it. */
const LACKING: Readonly<Record<Lack, Lacking>> = {
  workloads: {
    message: "has no image for workloads",
    fix: [
      "build images/workloads (docs/images.md), then ",
      setCommand("bucketworks:workloadsImage REGISTRY/workloads:TAG"),
    ],
  },
  ...(Object.fromEntries(PROGRAM_IMAGES.map((name) => [name, noImage(name)])) as Record<ProgramImage, Lacking>),
  database: {
    message: "deploys no PostgreSQL",
    fix: [setCommand("--path bucketworks:postgres.kind statefulset"), " (docs/postgres.md)"],
  },
  databaseBeside: {
    message:
      "deploys PostgreSQL in another namespace than theirs (bucketworks:postgres.namespace), where no Secret reaches them",
    fix: ["let programs of that namespace do it, or deploy PostgreSQL beside MinIO in a stack of its own"],
  },
};

/** Nothing says more plainly that programs are missing than what a preview prints. */
function warnOfIdle(idle: readonly Workload[], lacking: Lack): void {
  if (idle.length === 0) return;
  const names = idle.map(({ name }) => name).join(", ");
  const { message, fix } = LACKING[lacking];
  const fault = { message: `${names}: not deployed, the stack ${message}`, fix };
  pulumi.log.warn(formatSettingFault(fault, pulumi.getStack()));
}
