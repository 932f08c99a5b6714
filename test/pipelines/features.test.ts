import { TestServer } from "../support/minio.ts";
import { PlatformServers } from "../support/pipelines/platform-servers.ts";
import { pythonTestsIn } from "../support/pipelines/python-tests.ts";
import { makeCertificate } from "../support/tls.ts";

/** The feature store with the key and the role that the platform mlops gives it; and a bucket server that proves who it is. */
pythonTestsIn({ home: "pipelines", folders: ["features/tests"], environment: "features" }, async () => {
  const servers = await PlatformServers.start("mlops");
  const certificate = makeCertificate();
  const secured = await TestServer.start({}, certificate);
  const store = await servers.settings("feature-store", "mlops_feature_store");
  const secure = {
    MINIO_ENDPOINT: secured.endpoint,
    MINIO_SECURE: "true",
    MINIO_ACCESS_KEY: secured.user,
    MINIO_SECRET_KEY: secured.password,
    AWS_CA_BUNDLE: certificate.caFile,
  };
  const logins = { store, writer: await servers.key("data-pipeline"), secure };
  const stop = async (): Promise<void> => {
    await secured.stop();
    certificate.remove();
    await servers.stop();
  };
  return { env: { LOGINS: JSON.stringify(logins) }, stop };
});
