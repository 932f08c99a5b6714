import { variable } from "./variables.ts";

/** Secrets of Compose, each a file of that name in the folder that `bucketworks compose secrets` fills. */
export const COMPOSE_SECRETS = [
  "minio-root-user",
  "minio-root-password",
  "minio-kms-key",
  "database-key",
  "state-passphrase",
] as const;

export type ComposeSecret = (typeof COMPOSE_SECRETS)[number];

/** Where a container reads a secret. */
export function secretPath(name: string): string {
  return `/run/secrets/${name}`;
}

/** The element `secrets`. */
export function declaredSecrets(): Record<ComposeSecret, { readonly file: string }> {
  const folder = variable("BUCKETWORKS_SECRETS");
  return Object.fromEntries(COMPOSE_SECRETS.map((name) => [name, { file: `${folder}/${name}` }])) as ReturnType<
    typeof declaredSecrets
  >;
}
