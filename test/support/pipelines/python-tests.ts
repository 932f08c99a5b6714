import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pythonTitle } from "../coverage.ts";
import { PlatformServers } from "./platform-servers.ts";
import { collect, type Outcome, runAll } from "./pytest.ts";

/** All tests of a package run in one hook. */
const LIMIT_MS = 1_200_000;
/** The servers start before, and stop after. */
const PYTEST_LIMIT_MS = LIMIT_MS - 120_000;

/**
 * Python's tests as tests of the run: each has a line, under its file, with what became of it. They run in a process of
 * their own, with the servers of their platform.
 * @param folders tests below `pipelines/`
 * @param logins what the tests are given as the variable LOGINS
 */
export function pythonTests(
  platform: string,
  folders: readonly string[],
  logins: (servers: PlatformServers) => Promise<Record<string, Record<string, string>>>,
): void {
  const ids = collect(folders);
  const files = [...new Set(ids.map((id) => id.slice(0, id.indexOf("::"))))];
  let servers: PlatformServers | undefined;
  let outcomes = new Map<string, Outcome>();

  beforeAll(async () => {
    servers = await PlatformServers.start(platform);
    outcomes = await runAll(folders, { LOGINS: JSON.stringify(await logins(servers)) }, PYTEST_LIMIT_MS);
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
}
