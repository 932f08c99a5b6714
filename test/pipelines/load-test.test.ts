import { pythonTestsIn } from "../support/pipelines/python-tests.ts";

/** The load brings its own servers. */
pythonTestsIn({ home: "pipelines", folders: ["load-test/tests"], environment: "load-test" }, async () => ({
  env: {},
  stop: async () => {},
}));
