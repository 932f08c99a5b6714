import type { Checkout } from "./checkout.ts";
import { HOST, type Ports } from "./run-record.ts";

/**
 * What commands shall know that look at the local stack and its server: exactly that server and its credentials, and
 * no backend of somebody else. The shell may still have the port of before, or point at another environment.
 */
export function localEnvironment(checkout: Checkout, ports: Ports, shell: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { PULUMI_BACKEND_URL: _backend, MINIO_ROOT_USER: _user, MINIO_ROOT_PASSWORD: _password, ...rest } = shell;
  return {
    ...rest,
    BUCKETWORKS_ROOT: checkout.root,
    BUCKETWORKS_MANAGED_BUCKETS: checkout.managed,
    MINIO_ENDPOINT: `${HOST}:${ports.api}`,
    MINIO_ROOT_USER_FILE: checkout.minio.rootUser,
    MINIO_ROOT_PASSWORD_FILE: checkout.minio.rootPassword,
  };
}
