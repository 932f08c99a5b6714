import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pythonTitle } from "../support/coverage.ts";
import { CybersecServers } from "../support/pipelines/cybersec-servers.ts";
import { collect, type Outcome, runAll } from "../support/pipelines/pytest.ts";

/** Python's tests are tests of the run: each has a line here, under its file, with what became of it. */
const ids = collect();
const files = [...new Set(ids.map((id) => id.slice(0, id.indexOf("::"))))];
/** All of them run in one hook. */
const LIMIT_MS = 1_200_000;
/** The servers start before, and stop after. */
const PYTEST_LIMIT_MS = LIMIT_MS - 120_000;
let servers: CybersecServers | undefined;
let outcomes = new Map<string, Outcome>();

beforeAll(async () => {
  servers = await CybersecServers.start();
  const logins = {
    ingestion: await servers.settings("ingestion", "cybersec_ingestion"),
    auditor: await servers.settings("audit", "cybersec_auditor"),
    transformation: await servers.settings("transformation", "cybersec_auditor"),
    training: await servers.settings("training", "cybersec_auditor"),
    evaluation: await servers.settings("evaluation", "cybersec_auditor"),
    root: servers.root,
  };
  outcomes = await runAll({ CYBERSEC_LOGINS: JSON.stringify(logins) }, PYTEST_LIMIT_MS);
}, LIMIT_MS);

afterAll(() => servers?.stop());

describe.each(files)("pipelines/%s", (file) => {
  const names = ids.filter((id) => id.startsWith(`${file}::`)).map((id) => id.slice(file.length + 2));
  test.each(names.map((name) => [pythonTitle(name), name]))("%s", (_, name) => {
    const found = outcomes.get(`${file}::${name}`);
    expect(found?.said ?? "it didn't run").toBe("");
    expect(found?.outcome).toBe("passed");
  });
});
