import { MinioServerConfig } from "../../config/minio-server/schema.ts";
import { CONSOLE_PORT, S3_PORT } from "../minio/manifest.ts";
import { BUCKET_INIT, INIT, MINIO, OWNER, POSTGRES_MIGRATIONS } from "./names.ts";
import { outsideOf } from "./networks.ts";
import {
  COMPLETED,
  type ComposeService,
  HEALTHY,
  healthcheck,
  ownImage,
  PREPARED,
  published,
  secretFiles,
  service,
} from "./service.ts";

/** Where the initialiser keeps the state of the stack, of the checkout in its image. */
const STATE = "/opt/bucketworks/.bucketworks";
/** Where it sees each service's volume, by the service's name. */
const SERVICES = "/services";

/** MinIO as Kubernetes has it: image, memory and settings are the same. */
export function minio(): ComposeService {
  const { image, memory, staleUploadsExpiry } = MinioServerConfig.parse({});
  return service({
    image,
    memory,
    command: ["server", "--console-address", `:${CONSOLE_PORT}`, "/data"],
    environment: {
      ...secretFiles({
        MINIO_ROOT_USER_FILE: "minio-root-user",
        MINIO_ROOT_PASSWORD_FILE: "minio-root-password",
        MINIO_KMS_SECRET_KEY_FILE: "minio-kms-key",
      }),
      MINIO_API_STALE_UPLOADS_EXPIRY: staleUploadsExpiry,
      MINIO_PROMETHEUS_AUTH_TYPE: "jwt",
      // The console asks the server there, and events say that they come from there: containers know it by that name.
      MINIO_SERVER_URL: `http://${MINIO}:${S3_PORT}`,
      MINIO_UPDATE: "off",
      HOME: "/tmp",
      MC_CONFIG_DIR: "/tmp/mc",
    },
    secrets: ["minio-root-user", "minio-root-password", "minio-kms-key"],
    volumes: ["minio_data:/data"],
    networks: ["storage", outsideOf(MINIO)],
    ports: [published("BUCKETWORKS_PORT", S3_PORT), published("BUCKETWORKS_CONSOLE_PORT", CONSOLE_PORT)],
    depends_on: { [OWNER]: COMPLETED },
    healthcheck: healthcheck(["mc", "ready", "local"]),
    stop_grace_period: "60s",
  });
}

/**
 * Makes buckets and identities, and writes what each service needs into a volume that this one alone reads beside it.
 * @param services names of those
 */
export function bucketInit(services: readonly string[]): ComposeService {
  return service({
    ...deployer(),
    command: ["bucketworks", "compose", "deploy"],
    volumes: [`state:${STATE}`, ...services.map((name) => `${name}:${SERVICES}/${name}`)],
    depends_on: {
      [OWNER]: COMPLETED,
      [MINIO]: HEALTHY,
      [POSTGRES_MIGRATIONS]: COMPLETED,
    },
  });
}

/** Compares the server with the specs and tries every key; run by hand. */
export function validator(): ComposeService {
  return service({
    ...deployer(),
    profiles: ["tools"],
    command: ["bucketworks", "verify", "--wait", "1m"],
    volumes: [`state:${STATE}`],
    depends_on: { [MINIO]: HEALTHY, [INIT]: PREPARED },
  });
}

/** Who has the stack: Pulumi, its state, and the server's root credentials. */
function deployer() {
  return {
    image: ownImage(BUCKET_INIT),
    build: { context: ".", dockerfile: `images/${BUCKET_INIT}/Dockerfile` },
    memory: "2Gi",
    once: true,
    secrets: ["minio-root-user", "minio-root-password", "database-key", "state-passphrase"],
    networks: ["storage", "database"],
    stop_grace_period: "60s",
  };
}
