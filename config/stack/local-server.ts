/** What to do where nothing listens at the server that `make up` starts. */
export const START_LOCAL_SERVER = "it is the local server of a checkout, and isn't running: make up starts it";

/** Whether an endpoint is the one of a local server, as `toolchain/env.sh` tells it by its files. */
export function isLocalServer(endpoint: string, env: Readonly<Record<string, string | undefined>>): boolean {
  // a user named by hand wins over the file: the server is then another one, named from that shell
  if (env.MINIO_ROOT_USER) return false;
  return endpoint === env.MINIO_ENDPOINT && (env.MINIO_ROOT_USER_FILE ?? "").endsWith("/.bucketworks/minio/root-user");
}

/**
 * Whether a server that `MINIO_ENDPOINT` names for stage dev is spoken to over TLS, as MINIO_SECURE says; undefined where it
 * says nothing, or no server is named.
 */
export function localServerSecure({
  MINIO_ENDPOINT,
  MINIO_SECURE,
}: Readonly<Record<string, string | undefined>>): boolean | undefined {
  if (!MINIO_ENDPOINT || !MINIO_SECURE) return undefined;
  return MINIO_SECURE !== "false";
}
