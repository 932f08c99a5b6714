import { createHash } from "node:crypto";
import type { V1KeyToPath, V1PodSpec } from "@kubernetes/client-node";
import type { PostgresServer } from "../../../config/postgres-server/schema.ts";
import type { ManifestOf } from "../../kubernetes/manifest.ts";
import { CONTAINER_SECURITY, podSecurity } from "../../kubernetes/pod-security.ts";
import { REPLACE_UNREADY } from "../../kubernetes/replace-unready.ts";
import { WORKLOADS_HOME as HOME, WORKLOADS_USER as USER } from "../../kubernetes/workloads-image.ts";
import type { DatabasePlan } from "../database-plan.ts";
import { CLIENT_LABEL, caSecretName, labels, metadata, POSTGRES_PORT, serverHost } from "./manifest.ts";

const PLAN = "/etc/bucketworks/databases";
/** How long the Job waits for the server, seconds; a new one reads its image and makes its data first. */
const WAIT = 300;

/** The files of one platform's migrations. */
export interface PlatformMigrations {
  readonly platform: string;
  readonly files: readonly { readonly file: string; readonly sql: string }[];
}

/**
 * The Job that brings databases, roles and tables to the plan, and what it reads. Another plan or other migrations have
 * another name, so that they are a new Job; the old one's log goes with it. One that failed is made again by the next
 * update.
 * @param image of `bucketworks`
 */
export function migrationJob(
  server: PostgresServer,
  plan: DatabasePlan,
  migrations: readonly PlatformMigrations[],
  image: string,
): { readonly config: ManifestOf<"ConfigMap">; readonly job: ManifestOf<"Job"> } {
  const files = migrations.flatMap(({ platform, files: all }) =>
    all.map(({ file, sql }) => ({ key: `${platform}.${file}`, path: `${platform}/${file}`, text: sql })),
  );
  const everything = [{ key: "databases.json", path: "databases.json", text: JSON.stringify(plan) }, ...files];
  const checksum = createHash("sha256")
    .update(JSON.stringify([everything, podSpec(server, { name: "", items: [], image: "" })]))
    .digest("hex")
    .slice(0, 12);
  const about = metadata(server, `migrate-${checksum}`);
  const config: ManifestOf<"ConfigMap"> = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: about,
    immutable: true,
    data: Object.fromEntries(everything.map(({ key, text }) => [key, text])),
  };
  const items = everything.map(({ key, path }) => ({ key, path }));
  const job: ManifestOf<"Job"> = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { ...about, annotations: REPLACE_UNREADY },
    spec: {
      backoffLimit: 3,
      activeDeadlineSeconds: 1800,
      // A migration that is refused is refused again; only a server that was away is worth another try.
      podFailurePolicy: {
        rules: [{ action: "FailJob", onExitCodes: { containerName: "migrate", operator: "In", values: [1, 2] } }],
      },
      template: {
        metadata: { labels: { ...podLabels(server), ...CLIENT_LABEL } },
        spec: podSpec(server, { name: about.name, items, image }),
      },
    },
  };
  return { config, job };
}

function podSpec(
  server: PostgresServer,
  { name, items, image }: { name: string; items: V1KeyToPath[]; image: string },
): V1PodSpec {
  const { imagePullSecret } = server;
  const ca = caSecretName(server);
  const variables = {
    PGHOST: serverHost(server),
    PGPORT: String(POSTGRES_PORT),
    PGSSLMODE: ca === undefined ? "disable" : "verify-full",
    ...(ca !== undefined && { PGSSLROOTCERT: "/etc/bucketworks/ca/ca.crt" }),
    BUCKETWORKS_DATABASE_KEY_FILE: "/etc/bucketworks/secret/key",
    // The stack made the server: nobody else's roles are there.
    BUCKETWORKS_OWN_DATABASE_SERVER: "true",
    HOME,
    TMPDIR: HOME,
  };
  return {
    restartPolicy: "Never",
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(imagePullSecret !== undefined && { imagePullSecrets: [{ name: imagePullSecret }] }),
    securityContext: podSecurity(USER),
    containers: [
      {
        name: "migrate",
        image,
        imagePullPolicy: "IfNotPresent",
        // What it said last is what the update says.
        terminationMessagePolicy: "FallbackToLogsOnError",
        args: ["migrate", "--plan", PLAN, "--wait", `${WAIT}s`],
        env: Object.entries(variables).map(([key, value]) => ({ name: key, value })),
        resources: { requests: { cpu: "50m", memory: "256Mi" }, limits: { memory: "256Mi" } },
        securityContext: CONTAINER_SECURITY,
        volumeMounts: [
          { name: "home", mountPath: HOME },
          { name: "plan", mountPath: PLAN, readOnly: true },
          { name: "secret", mountPath: "/etc/bucketworks/secret", readOnly: true },
          ...(ca === undefined ? [] : [{ name: "ca", mountPath: "/etc/bucketworks/ca", readOnly: true }]),
        ],
      },
    ],
    volumes: [
      { name: "home", emptyDir: { sizeLimit: "64Mi" } },
      { name: "plan", configMap: { name, items } },
      { name: "secret", secret: { secretName: `${server.name}-key`, defaultMode: 0o440 } },
      ...(ca === undefined
        ? []
        : [{ name: "ca", secret: { secretName: ca, items: [{ key: "ca.crt", path: "ca.crt" }] } }]),
    ],
  };
}

/** Not those of the server, whose Service would send clients here. */
function podLabels({ name }: PostgresServer): Record<string, string> {
  return { ...labels({ name }), "app.kubernetes.io/name": "postgresql-migration" };
}
