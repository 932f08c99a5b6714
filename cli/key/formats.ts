import { keyProfile, keyVariables, type ServerKey } from "../../builders/key-variables.ts";

/** One key and the server it is for. */
export interface Key extends ServerKey {
  readonly identity: string;
}

/** How a key is written, by format. Every text ends with a line feed. */
export const FORMATS = {
  /** Variables for a shell, Docker's `--env-file` and Kubernetes: MinIO's own clients, then AWS SDKs. */
  env: (key: Key) => lines(keyVariables(key)),
  json: (key: Key) => `${JSON.stringify({ schemaVersion: 1, ...key }, null, 2)}\n`,
  /** A profile of ~/.aws/credentials, named as the identity. */
  aws: (key: Key) => keyProfile(key.identity, key),
  /** What MLflow's artifact client reads. */
  mlflow: ({ endpoint, region, accessKey, secretKey }: Key) =>
    lines({
      MLFLOW_S3_ENDPOINT_URL: endpoint,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: accessKey,
      AWS_SECRET_ACCESS_KEY: secretKey,
    }),
} as const satisfies Record<string, (key: Key) => string>;

export type Format = keyof typeof FORMATS;

/** No quotes: env files keep them as part of the value, and MinIO's keys need none. */
function lines(variables: Record<string, string>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}
