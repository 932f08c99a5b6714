import { pythonTests } from "../support/pipelines/python-tests.ts";

pythonTests("mlops", ["mlops/tests"], async (servers) => ({
  data: await servers.key("data-pipeline"),
  training: await servers.key("training"),
  serving: await servers.key("serving"),
  reporting: await servers.key("reporting"),
  mlflow: await servers.key("mlflow"),
  model_api: servers.login("mlops_model_api", "experiments_db"),
  experimenter: servers.login("mlops_experimenter", "experiments_db"),
  root: servers.root,
}));
