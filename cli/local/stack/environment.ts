import type { Checkout } from "../../checkout.ts";
import type { MinioPorts } from "../minio/service.ts";
import { HOST } from "../service/local-service.ts";

/**
 * What commands shall know that look at the stack dev and its server: exactly that server and its credentials, and
 * no backend of somebody else. The shell may still have the port of before, or point at another environment.
 * @param ports of the local server; undefined where the stack names another one
 */
export function localEnvironment(
  checkout: Checkout,
  ports: MinioPorts | undefined,
  shell: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const { PULUMI_BACKEND_URL: _backend, MINIO_ROOT_USER: _user, MINIO_ROOT_PASSWORD: _password, ...rest } = shell;
  const {
    BUCKETWORKS_MANAGED_BUCKETS: _managed,
    BUCKETWORKS_POSTGRES: _postgres,
    MINIO_ENDPOINT: _endpoint,
    // The named server's credentials are the stack's own; these are of a local server, even that of another checkout.
    MINIO_ROOT_USER_FILE: _userFile,
    MINIO_ROOT_PASSWORD_FILE: _passwordFile,
    ...others
  } = rest;
  if (ports === undefined) return { ...others, BUCKETWORKS_ROOT: checkout.root };
  return {
    ...others,
    BUCKETWORKS_ROOT: checkout.root,
    BUCKETWORKS_MANAGED_BUCKETS: checkout.managed,
    BUCKETWORKS_POSTGRES: checkout.postgres.folder,
    MINIO_ENDPOINT: `${HOST}:${ports.api}`,
    MINIO_ROOT_USER_FILE: checkout.minio.rootUser,
    MINIO_ROOT_PASSWORD_FILE: checkout.minio.rootPassword,
  };
}
