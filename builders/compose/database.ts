import { PostgresServerConfig } from "../../config/postgres-server/schema.ts";
import { POSTGRES_PORT } from "../postgres/kubernetes/manifest.ts";
import { OWNER, POSTGRES, POSTGRES_SETTINGS } from "./names.ts";
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

/** postgres of the official image. */
export const POSTGRES_USER = 999;
/** Where the image keeps data; a folder below it is the server's. */
const DATA = "/var/lib/postgresql";
const SETTINGS = "/etc/bucketworks";
const SOCKET = "/var/run/postgresql";

/** PostgreSQL as Kubernetes has it: image, memory, settings and start are the same. */
export function postgres(): ComposeService {
  const server = PostgresServerConfig.parse({});
  return service({
    image: server.image,
    memory: server.memory,
    user: `${POSTGRES_USER}:${POSTGRES_USER}`,
    entrypoint: ["/bin/sh", `${SETTINGS}/settings/start.sh`],
    environment: { PGDATA: `${DATA}/data`, LC_ALL: "C" },
    volumes: [`postgres_data:${DATA}`, `postgres_settings:${SETTINGS}:ro`],
    tmpfs: [`${SOCKET}:mode=1777`],
    shm_size: "128m",
    networks: ["database", outsideOf(POSTGRES)],
    ports: [published("BUCKETWORKS_POSTGRES_PORT", POSTGRES_PORT)],
    depends_on: { [OWNER]: COMPLETED, [POSTGRES_SETTINGS]: PREPARED },
    healthcheck: healthcheck(
      ["pg_isready", "--quiet", "--username=postgres", "--dbname=postgres", `--host=${SOCKET}`],
      300,
    ),
    // The fast shutdown: sessions end, data is written.
    stop_signal: "SIGINT",
    stop_grace_period: "60s",
  });
}

/** Who may come in, and the owner's password as PostgreSQL keeps it; of the key it tells nothing. */
export function postgresSettings(): ComposeService {
  return service({
    ...withKey(),
    command: ["compose", "postgres-settings", "--out", SETTINGS],
    volumes: [`postgres_settings:${SETTINGS}`],
    network_mode: "none",
    depends_on: { [OWNER]: COMPLETED },
  });
}

/** Databases, roles and tables of the platforms. */
export function migrations(): ComposeService {
  return service({
    ...withKey(),
    command: ["migrate", "--own-server", "--wait", "1m"],
    environment: {
      PGHOST: POSTGRES,
      PGPORT: String(POSTGRES_PORT),
      PGSSLMODE: "disable",
      ...secretFiles({ BUCKETWORKS_DATABASE_KEY_FILE: "database-key" }),
    },
    networks: ["database"],
    depends_on: { [POSTGRES]: HEALTHY },
  });
}

function withKey() {
  return {
    image: ownImage("workloads"),
    build: { context: ".", dockerfile: "images/workloads/Dockerfile" },
    memory: "512Mi",
    once: true,
    secrets: ["database-key"],
    tmpfs: ["/home/bucketworks:mode=1777,size=64m"],
  };
}
