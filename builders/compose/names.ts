/** Services of compose.yaml that no platform asks for. */

/** Gives volumes to the user of the containers. */
export const OWNER = "volume-owner";
export const MINIO = "minio";
export const POSTGRES = "postgres";
/** Writes what PostgreSQL has to know before its start. */
export const POSTGRES_SETTINGS = "postgres-settings";
/** Databases, roles and tables. */
export const POSTGRES_MIGRATIONS = "postgres-migrations";
/** Buckets, identities and keys; named as the job on Kubernetes. */
export const INIT = "usdcop-bucket-init";
export const VALIDATOR = "infrastructure-validator";
/** Name of the image, and of its folder in images/. */
export const BUCKET_INIT = "bucket-init";
