import * as minio from "@pulumi/minio";
import * as pulumi from "@pulumi/pulumi";
import { hasIdentities, needsOf } from "../builders/needs.ts";
import { defaults } from "../config/defaults.ts";
import type { ResolvedModel } from "../config/model.ts";
import type { Credentials } from "../config/spec.ts";
import { setCommand } from "../config/stack/fault.ts";
import type { RootCredentials, Settings } from "../config/stack/settings.ts";
import { secureByDefault } from "../config/values/endpoint.ts";
import type { Needs } from "../provider/needs.ts";
import { Provider } from "../provider/sdk.ts";
import type { ServerConfig } from "../provider/server/connection.ts";
import { refuseExisting } from "./identity/refuse-existing.ts";
import { settingError } from "./setting-error.ts";

/** The server of the stack as its two providers see it, and its URL. */
export interface Server {
  /** Of buckets. */
  readonly provider: Provider;
  /** Of identities; undefined where no platform has any. */
  readonly identities: IdentityServer | undefined;
  readonly url: pulumi.Output<string>;
}

export interface IdentityServer {
  readonly provider: minio.Provider;
  /** For what that provider would overwrite. */
  readonly refuseExisting: pulumi.ResourceHook;
}

/**
 * The MinIO that exists already, where the settings say it is; `minio_config` only where they leave it to the specs.
 * @throws pulumi.RunError naming the command that sets what is missing
 */
export function externalServer(settings: Settings, model: ResolvedModel, fallback: Credentials | null): Server {
  const endpoint = settings.endpoint ?? model.connection?.endpoint;
  if (endpoint === undefined) {
    throw settingError("no MinIO endpoint", "set it: ", setCommand("bucketworks:endpoint HOST:PORT"));
  }
  const secure = settings.secure ?? model.connection?.secure ?? secureByDefault(endpoint);
  const user = settings.credentials?.user ?? fallback?.accessKey;
  const password = settings.credentials?.password ?? fallback?.secretKey;
  if (user === undefined || password === undefined) {
    const [set, then] = [setCommand("--secret bucketworks:rootUser"), setCommand("--secret bucketworks:rootPassword")];
    throw settingError("no MinIO credentials", "set them: ", set, ", then ", then);
  }
  const region = settings.region ?? model.connection?.region ?? defaults.region;
  const access = { endpoint, secure, region, caFile: settings.caFile, user, password };
  return serverAt(access, { needs: needsOf(model), identities: hasIdentities(model), model });
}

/** A server by its address and who deploys on it. */
export interface Access extends RootCredentials {
  /** host:port; not known before there is a server. */
  readonly endpoint: pulumi.Input<string>;
  readonly secure: boolean;
  readonly region: string;
  readonly caFile: string | undefined;
}

/** What is wanted of a server. */
export interface Wanted {
  /** Asked of it before anything is written. */
  readonly needs: Needs;
  /** Whether somebody needs the provider of identities. */
  readonly identities: boolean;
  /** All of the stack, to find what the state knows under another platform. */
  readonly model: Pick<ResolvedModel, "platforms">;
}

/** The providers of a server. Nothing dials it while its endpoint isn't known. */
export function serverAt(access: Access, { needs, identities, model }: Wanted, opts?: pulumi.ResourceOptions): Server {
  const { endpoint, secure, region, caFile, user, password } = access;
  const args = { endpoint, secure, region, caFile, rootUser: user, rootPassword: password, needs };
  const provider = new Provider("minio", args, opts);
  return {
    provider,
    identities: identities ? identityServer(access, provider, model) : undefined,
    url: pulumi.interpolate`${secure ? "https" : "http"}://${endpoint}`,
  };
}

/** Depends on the other provider, which probes the server: before it has, nothing of this one may reach the state. */
function identityServer(
  { user, password, ...address }: Access,
  probed: Provider,
  model: Wanted["model"],
): IdentityServer {
  const args = {
    minioServer: address.endpoint,
    minioSsl: address.secure,
    minioRegion: address.region,
    minioCacertFile: address.caFile,
    minioUser: pulumi.secret(user),
    minioPassword: pulumi.secret(password),
  };
  const { secure, region, caFile } = address;
  const config = pulumi
    .all([address.endpoint, user, password])
    .apply(
      ([endpoint, accessKey, secretKey]): ServerConfig => ({ endpoint, secure, region, caFile, accessKey, secretKey }),
    );
  return {
    provider: new minio.Provider("minio", args, { dependsOn: probed }),
    refuseExisting: refuseExisting(config, model),
  };
}
