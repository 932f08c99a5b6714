import { expect, test } from "vitest";
import { checkoutAt } from "../../../cli/checkout.ts";
import { localEnvironment } from "../../../cli/local/stack/environment.ts";

const checkout = checkoutAt("/srv/mine");
/** Of a shell that has sourced env.sh of another checkout, which has a server. */
const shell = {
  HOME: "/home/somebody",
  MINIO_ENDPOINT: "127.0.0.1:9900",
  MINIO_ROOT_USER: "theirs",
  MINIO_ROOT_PASSWORD: "theirs",
  MINIO_ROOT_USER_FILE: "/srv/theirs/.bucketworks/minio/root-user",
  MINIO_ROOT_PASSWORD_FILE: "/srv/theirs/.bucketworks/minio/root-password",
  BUCKETWORKS_POSTGRES: "/srv/theirs/.bucketworks/postgres",
  BUCKETWORKS_MANAGED_BUCKETS: "/srv/theirs/.bucketworks/managed-buckets",
  PULUMI_BACKEND_URL: "file:///srv/theirs/.bucketworks/state",
};

test("a named server is met without the endpoint and credentials of a local one", () => {
  expect(localEnvironment(checkout, undefined, shell)).toEqual({
    HOME: "/home/somebody",
    BUCKETWORKS_ROOT: "/srv/mine",
  });
});

test("the local server is met with its own endpoint and credentials, whatever the shell says", () => {
  const env = localEnvironment(checkout, { api: 9000, console: 9001 }, shell);
  expect(env.MINIO_ENDPOINT).toBe("127.0.0.1:9000");
  expect(JSON.stringify(env)).not.toMatch(/theirs/);
});
