/** One key and the server it is for. */
export interface ServerKey {
  /** URL of the S3 API. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

/** A key as variables: MinIO's own clients, then AWS SDKs. */
export function keyVariables({ endpoint, region, accessKey, secretKey }: ServerKey): Record<string, string> {
  return {
    MINIO_ENDPOINT: new URL(endpoint).host,
    MINIO_ACCESS_KEY: accessKey,
    MINIO_SECRET_KEY: secretKey,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKey,
    AWS_SECRET_ACCESS_KEY: secretKey,
  };
}

/** A key as a profile of `~/.aws/credentials`. Ends with a line feed. */
export function keyProfile(profile: string, { endpoint, region, accessKey, secretKey }: ServerKey): string {
  return `[${profile}]\naws_access_key_id = ${accessKey}\naws_secret_access_key = ${secretKey}\nregion = ${region}\nendpoint_url = ${endpoint}\n`;
}
