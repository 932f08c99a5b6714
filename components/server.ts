import * as pulumi from "@pulumi/pulumi";
import { secureByDefault } from "../config/endpoint.ts";
import type { ResolvedModel } from "../config/model.ts";
import type { Settings } from "../config/settings.ts";
import type { Credentials } from "../config/spec.ts";
import { Provider } from "../provider/sdk.ts";

/** The server of the stack, and its URL. */
export interface Server {
  readonly provider: Provider;
  readonly url: string;
}

/**
 * The MinIO that exists already. Stack config wins over the local server, that over the fallback in `minio_config`.
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
  const provider = new Provider("minio", {
    endpoint,
    secure,
    region: model.connection?.region ?? "us-east-1",
    caFile: settings.caFile,
    rootUser: user,
    rootPassword: password,
  });
  return { provider, url: `${secure ? "https" : "http"}://${endpoint}` };
}
