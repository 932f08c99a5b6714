import { PlatformServers } from "../support/pipelines/platform-servers.ts";
import { pythonTestsIn } from "../support/pipelines/python-tests.ts";

/** The feature store with the key and the role that the platform mlops gives it. */
pythonTestsIn({ home: "pipelines", folders: ["features/tests"], environment: "features" }, async () => {
  const servers = await PlatformServers.start("mlops");
  const store = await servers.settings("feature-store", "mlops_feature_store");
  const logins = { store, writer: await servers.key("data-pipeline") };
  return { env: { LOGINS: JSON.stringify(logins) }, stop: () => servers.stop() };
});
