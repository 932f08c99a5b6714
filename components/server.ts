import * as minio from "@pulumi/minio";
import * as pulumi from "@pulumi/pulumi";
import { secureByDefault } from "../config/endpoint.ts";
import type { ResolvedModel } from "../config/model.ts";
import type { Settings } from "../config/settings.ts";
import type { Credentials } from "../config/spec.ts";
import { Provider } from "../provider/sdk.ts";
import { refuseExisting } from "./identity/refuse-existing.ts";

/** The server of the stack as its two providers see it, and its URL. */
export interface Server {
  /** Of buckets. */
  readonly provider: Provider;
  /** Of identities. */
  readonly identities: minio.Provider;
  /** For what the provider of identities would overwrite. */
  readonly refuseExisting: pulumi.ResourceHook;
  readonly url: string;
}

/**
 * The MinIO that exists already, where the settings say it is; `minio_config` only where they leave it to the specs.
 * @throws pulumi.RunError naming the command that sets what is missing
 */
export function externalServer(settings: Settings, model: ResolvedModel, fallback: Credentials | null): Server {
  const endpoint = settings.endpoint ?? model.connection?.endpoint;
  if (endpoint === undefined) {
    throw new pulumi.RunError("no MinIO endpoint; set it: pulumi config set bucketworks:endpoint HOST:PORT");
  }
  const secure = settings.secure ?? model.connection?.secure ?? secureByDefault(endpoint);
  const user = settings.credentials?.user ?? fallback?.accessKey;
  const password = settings.credentials?.password ?? fallback?.secretKey;
  if (user === undefined || password === undefined) {
    throw new pulumi.RunError(
      "no MinIO credentials; set them: pulumi config set bucketworks:rootUser USER, then pulumi config set --secret bucketworks:rootPassword",
    );
  }
  const region = model.connection?.region ?? "us-east-1";
  const { caFile } = settings;
  const provider = new Provider("minio", { endpoint, secure, region, caFile, rootUser: user, rootPassword: password });
  const identities = new minio.Provider(
    "minio",
    {
      minioServer: endpoint,
      minioSsl: secure,
      minioRegion: region,
      minioCacertFile: caFile,
      minioUser: pulumi.secret(user),
      minioPassword: pulumi.secret(password),
    },
    // The other provider probes the server: before it has, nothing of this one may reach the state.
    { dependsOn: provider },
  );
  const config = pulumi
    .all([user, password])
    .apply(([accessKey, secretKey]) => ({ endpoint, secure, region, caFile, accessKey, secretKey }));
  return {
    provider,
    identities,
    refuseExisting: refuseExisting(config),
    url: `${secure ? "https" : "http"}://${endpoint}`,
  };
}
