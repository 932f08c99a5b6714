import { pythonTests } from "../support/pipelines/python-tests.ts";

/** Each step by the key and the role that the platform has for it. */
pythonTests("dataops", ["dataops/tests"], async (servers) => ({
  loader: await servers.settings("loader", "dataops_loader"),
  transformer: await servers.settings("transformer", "dataops_loader"),
  promoter: await servers.settings("promoter", "dataops_promoter"),
  validator: await servers.settings("validator", "dataops_validator"),
  consumer: await servers.settings("consumer", "dataops_consumer"),
  root: servers.root,
  superuser: servers.superuser,
}));
