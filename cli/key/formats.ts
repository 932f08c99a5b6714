import { keyProfile, keyVariables, mlflowKey, type ServerKey } from "../../builders/key-variables.ts";
import { kserveAnnotations } from "../../builders/kserve.ts";
import { keySecretName } from "../../builders/workloads/workload-metadata.ts";
import { commentLines } from "../../config/text/comment.ts";
import { envLines, iniSection } from "../../config/text/key-value.ts";
import { shellWord } from "../../config/text/shell.ts";
import { yamlText } from "../../config/text/yaml.ts";

/** One key and the server it is for. */
export interface Key extends ServerKey {
  readonly identity: string;
  /** The CA certificate itself, PEM, where `caFile` names one. */
  readonly ca?: string | undefined;
  /** The bucket that its program works in, where the one that hands it over says so. */
  readonly bucket?: string | undefined;
}

export interface KeyFormat {
  /** Ends with a line feed. */
  readonly text: (key: Key) => string;
  /** How a file of this form is called behind the identity's name. */
  readonly ending: string;
  /** False where the program that reads it knows no checksums of AWS's SDKs. */
  readonly checksums: boolean;
}

/** How a key is written, by format. */
export const FORMATS = {
  /** Variables for a shell, Docker's `--env-file` and Kubernetes: MinIO's own clients, then AWS SDKs. */
  env: { text: (key) => envLines(keyVariables(key)), ending: ".env", checksums: true },
  json: {
    text: ({ ca: _, ...key }) => `${JSON.stringify({ schemaVersion: 1, ...key }, null, 2)}\n`,
    ending: ".json",
    checksums: true,
  },
  /** What clients of MinIO's SDKs are made with, and the bucket they work in. */
  minio: { text: minio, ending: ".minio.json", checksums: false },
  /** A profile of a credentials file of AWS, named as the identity. */
  aws: { text: (key) => keyProfile(key.identity, key), ending: ".aws", checksums: true },
  /** What MLflow's artifact client reads. */
  mlflow: { text: (key) => envLines(mlflowKey(key)), ending: ".mlflow.env", checksums: true },
  /** A remote of rclone, named as the identity. It never asks for its bucket to be made: no key may. */
  rclone: { text: rclone, ending: ".rclone.conf", checksums: false },
  /** What `.dvc/config.local` says of a remote, which is named as the identity; its address is in `.dvc/config`. */
  dvc: { text: dvc, ending: ".dvc.config", checksums: false },
  /** A connection of Airflow's Amazon provider, as JSON. */
  airflow: { text: airflow, ending: ".airflow.json", checksums: true },
  /** A Secret for KServe's storage initializer, with its CA certificate beside it. */
  kserve: { text: kserve, ending: ".kserve.yaml", checksums: false },
} as const satisfies Record<string, KeyFormat>;

export type Format = keyof typeof FORMATS;

/** Names of the formats that can say when checksums are sent. */
export function formatsWithChecksums(): string[] {
  return Object.entries(FORMATS).flatMap(([name, { checksums }]) => (checksums ? [name] : []));
}

function minio({ endpoint, region, accessKey, secretKey, bucket }: Key): string {
  const { host, protocol } = new URL(endpoint);
  const login = { endpoint: host, access_key: accessKey, secret_key: secretKey, secure: protocol === "https:", region };
  return `${JSON.stringify({ ...login, ...(bucket !== undefined && { bucket }) }, null, 2)}\n`;
}

function rclone({ identity, endpoint, region, accessKey, secretKey, caFile }: Key): string {
  const settings = {
    type: "s3",
    provider: "Minio",
    env_auth: "false",
    access_key_id: accessKey,
    secret_access_key: secretKey,
    region,
    endpoint,
    no_check_bucket: "true",
  };
  const note = caFile === undefined ? [] : [`a remote has no setting for a CA: rclone --ca-cert ${shellWord(caFile)}`];
  return `${commentLines(note)}${iniSection(identity, settings)}`;
}

function dvc({ identity, endpoint, region, accessKey, secretKey, caFile }: Key): string {
  const settings = {
    endpointurl: endpoint,
    region,
    access_key_id: accessKey,
    secret_access_key: secretKey,
    ...(caFile !== undefined && { ssl_verify: caFile }),
  };
  return iniSection(
    `'remote "${identity}"'`,
    Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, configObjValue(value)])),
  );
}

/** Quoted: a comma makes a list of what ConfigObj reads, and a number sign ends it. */
function configObjValue(value: string): string {
  return value.includes('"') ? `'${value}'` : `"${value}"`;
}

function airflow({ endpoint, region, accessKey, secretKey, caFile, checksums }: Key): string {
  const extra = {
    endpoint_url: endpoint,
    region_name: region,
    ...(caFile !== undefined && { verify: caFile }),
    ...(checksums !== undefined && {
      config_kwargs: { request_checksum_calculation: checksums, response_checksum_validation: checksums },
    }),
  };
  return `${JSON.stringify({ conn_type: "aws", login: accessKey, password: secretKey, extra })}\n`;
}

function kserve(key: Key): string {
  const { identity, accessKey, secretKey, ca } = key;
  const name = keySecretName(identity);
  const bundle = ca === undefined ? undefined : `${name}-ca`;
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, annotations: kserveAnnotations(key, bundle) },
    type: "Opaque",
    stringData: { AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secretKey },
  };
  const caBundle = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: bundle }, data: { "cabundle.crt": ca } };
  return [secret, ...(bundle === undefined ? [] : [caBundle])].map((each) => yamlText(each)).join("---\n");
}
