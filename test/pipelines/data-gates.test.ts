import { pythonTestsIn } from "../support/pipelines/python-tests.ts";

/** The gates ask no server, so they are given none. */
pythonTestsIn({ home: "pipelines", folders: ["data-gates/tests"], environment: "data-gates" }, async () => ({
  env: {},
  stop: async () => {},
}));
