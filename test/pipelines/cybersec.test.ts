import { pythonTests } from "../support/pipelines/python-tests.ts";

pythonTests("cybersec", ["cybersec/tests", "shared/tests"], async (servers) => ({
  ingestion: await servers.settings("ingestion", "cybersec_ingestion"),
  auditor: await servers.settings("audit", "cybersec_auditor"),
  transformation: await servers.settings("transformation", "cybersec_auditor"),
  training: await servers.settings("training", "cybersec_auditor"),
  evaluation: await servers.settings("evaluation", "cybersec_auditor"),
  root: servers.root,
}));
