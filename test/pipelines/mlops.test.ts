import { pythonTests } from "../support/pipelines/python-tests.ts";

pythonTests("mlops", ["mlops/tests"], async (servers) => ({
  data: await servers.key("data-pipeline"),
  training: await servers.key("training"),
  serving: await servers.key("serving"),
  mlflow: await servers.key("mlflow"),
  root: servers.root,
}));
