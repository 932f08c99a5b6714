import { iniSection } from "../config/text/key-value.ts";

/** One key and the server it is for. */
export interface ServerKey {
  /** URL of the S3 API. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** File with the CA of the server's certificate, where the key is used; absent trusts the public ones. */
  readonly caFile?: string | undefined;
  /** Absent leaves checksums to the SDK, which sends them always: stores older than these checksums refuse that. */
  readonly checksums?: Checksums | undefined;
}

/** When AWS SDKs send and check checksums that no caller asked for. */
export type Checksums = "when_required";

/** A key as variables: MinIO's own clients, then AWS SDKs (botocore reads AWS_DEFAULT_REGION, the others AWS_REGION). */
export function keyVariables(key: ServerKey): Record<string, string> {
  const { endpoint, region, accessKey, secretKey, caFile, checksums } = key;
  return {
    MINIO_ENDPOINT: new URL(endpoint).host,
    MINIO_SECURE: String(endpoint.startsWith("https:")),
    MINIO_ACCESS_KEY: accessKey,
    MINIO_SECRET_KEY: secretKey,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: accessKey,
    AWS_SECRET_ACCESS_KEY: secretKey,
    ...awsSettings({ caFile, checksums }),
  };
}

/** A key as MLflow reads it, a server or a client that goes to the bucket server itself. */
export function mlflowKey({ endpoint, region, accessKey, secretKey, ...rest }: ServerKey): Record<string, string> {
  return {
    MLFLOW_S3_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: accessKey,
    AWS_SECRET_ACCESS_KEY: secretKey,
    ...awsSettings(rest),
  };
}

/** What AWS SDKs are told beside the key. */
function awsSettings({ caFile, checksums }: Pick<ServerKey, "caFile" | "checksums">): Record<string, string> {
  return {
    ...(caFile !== undefined && { AWS_CA_BUNDLE: caFile }),
    ...(checksums !== undefined && {
      AWS_REQUEST_CHECKSUM_CALCULATION: checksums,
      AWS_RESPONSE_CHECKSUM_VALIDATION: checksums,
    }),
  };
}

/** A key as a profile of a credentials file of AWS. Ends with a line feed. */
export function keyProfile(profile: string, key: ServerKey): string {
  const { endpoint, region, accessKey, secretKey, caFile, checksums } = key;
  const settings = {
    aws_access_key_id: accessKey,
    aws_secret_access_key: secretKey,
    region,
    endpoint_url: endpoint,
    ...(caFile !== undefined && { ca_bundle: caFile }),
    ...(checksums !== undefined && {
      request_checksum_calculation: checksums,
      response_checksum_validation: checksums,
    }),
  };
  return iniSection(profile, settings);
}
